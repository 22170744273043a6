#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <skalibs/sha256.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "auth_wire.h"
#include "box.h"
#include "control.h"
#include "die.h"
#include "lock.h"
#include "log_text.h"
#include "monotonic.h"
#include "nameset.h"
#include "unwaited.h"

#define BOX_LOCK AUTH_PLACE "/box"
#define MOST_DEFAULT "10"               /* wrong passwords before an address waits */

static struct box {
  struct penalty penalty;
  char key[32];                         /* of the marks */
} *box;

static int lock = -1;

static void draw_key(char *key, size_t len)
{
  if (getrandom(key, len, 0) != (ssize_t)len) strerr_diefusys(111, "get random bytes");
}

void box_make(void)
{
  box = mmap(0, sizeof *box, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (box == MAP_FAILED) die_nomem();
  draw_key(box->key, sizeof box->key);
  draw_key(box->penalty.key, sizeof box->penalty.key);
}

/* Each needs a description of its own: a lock of a shared one would be everybody's. */
void box_open(void)
{
  lock = open(BOX_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock == -1) strerr_diefusys(111, "open ", BOX_LOCK);
}

static void enter(void)
{
  lock_wait(lock);
}

static void leave(void)
{
  flock(lock, LOCK_UN);
}

/* ---- what the site says ---- */

static unsigned long most;

static struct control const controls[] = {
  /* file       kind            goes to  when absent */
  { "penalty",  CONTROL_NUMBER, &most,   MOST_DEFAULT },
  { 0 }
};

static bool is_ours(struct network const *address)
{
  struct network n;
  return (network_read(&n, "127.0.0.0/8", 11) && network_has(&n, address)) || (network_of(&n, "::1", 3) && network_has(&n, address));
}

/* A list that cannot be read frees everybody: the admin is not to be shut out by it. */
static bool is_listed(struct network const *address)
{
  stralloc text = STRALLOC_ZERO;
  struct nameset_line line;
  struct network n;
  size_t at = 0;
  int r = control_slurp(&text, "penaltyfree");
  bool listed = r == -1;
  if (listed) strerr_warnwusys("read control/penaltyfree");
  while (!listed && nameset_line_next(&line, text.s, text.len, &at, false))
    listed = network_read(&n, line.name, line.name_len) && network_has(&n, address);
  stralloc_free(&text);
  return listed;
}

static bool read_most(void)
{
  char const *culprit;
  if (control_load(controls, &culprit)) return true;
  strerr_warnwusys("read ", culprit);
  return false;
}

/* ---- what is asked ---- */

unsigned box_wait(struct field client_ip)
{
  struct network name;
  if (!network_of(&name, client_ip.s, client_ip.len)) return 0;
  bool listed = false;
  penalty_name(&name);
  enter();
  unsigned seconds = penalty_wait(&box->penalty, &name, monotonic_seconds());
  leave();
  if (seconds) listed = is_ours(&name) || is_listed(&name);
  return listed ? 0 : seconds;
}

uint64_t box_mark(struct field login, struct field secret)
{
  SHA256Schedule work = SHA256_INIT();
  char digest[32];
  uint64_t mark;
  sha256_update(&work, box->key, sizeof box->key);
  sha256_update(&work, login.s, login.len);
  sha256_update(&work, "", 1);
  sha256_update(&work, secret.s, secret.len);
  sha256_final(&work, digest);
  memcpy(&mark, digest, sizeof mark);
  return mark;
}

static void tell(struct network const *name, unsigned seconds)
{
  char address[NETWORK_FMT], digits[UINT_FMT], line[NETWORK_FMT + UINT_FMT + 60];
  address[network_fmt(address, name)] = 0;
  digits[uint_fmt(digits, seconds)] = 0;
  char *end = stpcpy(stpcpy(stpcpy(line, PROG), ": penalty for "), address);
  end = stpcpy(stpcpy(stpcpy(end, ": "), digits), " seconds\n");
  unwaited_write(2, line, (size_t)(end - line));
}

unsigned box_failed(struct field client_ip, uint64_t mark)
{
  struct network address, name;
  unsigned boxed;
  if (!network_of(&address, client_ip.s, client_ip.len)) return PENALTY_DELAY;
  if (is_ours(&address) || is_listed(&address) || !read_most()) return PENALTY_DELAY;
  name = address;
  penalty_name(&name);
  enter();
  unsigned delay = penalty_failed(&box->penalty, &name, mark, most, monotonic_seconds(), &boxed);
  leave();
  if (boxed) tell(&name, boxed);
  return delay;
}

static size_t put(char *to, struct penalty_entry const *e, time_t now)
{
  char *end = to + network_fmt(to, &e->net);
  end = stpcpy(end, " failures ");
  end += uint32_fmt(end, e->failures);
  end = stpcpy(end, " wait ");
  end += uint64_fmt(end, e->until > now ? (uint64_t)(e->until - now) : 0);
  *end++ = '\n';
  return (size_t)(end - to);
}

enum { LINE_MAX_OF_BOX = NETWORK_FMT + UINT32_FMT + UINT64_FMT + 20 };

size_t box_list(char *to, size_t size)
{
  size_t at = 0, len = 0;
  time_t now = monotonic_seconds();
  enter();
  for (struct penalty_entry const *e; size - len > LINE_MAX_OF_BOX && (e = penalty_next(&box->penalty, &at, now));)
    len += put(to + len, e, now);
  leave();
  return len;
}

bool box_empty(struct field address, size_t *count)
{
  struct network name;
  if (address.len && !network_read(&name, address.s, address.len)) return false;
  if (address.len) penalty_name(&name);
  enter();
  *count = penalty_forget(&box->penalty, address.len ? &name : 0, monotonic_seconds());
  leave();
  return true;
}
