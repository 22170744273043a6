#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recent.h"

enum { EVERYBODY = 0 };

static struct changes_since {
  _Atomic uint64_t count, known;              /* ever, and so many of them the snapshot knows */
  _Atomic uint64_t numbers[RECENT_MAX];       /* of the last ones */
  _Atomic uint64_t under_way[RECENT_WORKERS]; /* 1 + how many there were when it began, or 0 */
} *since;

bool recent_share(void)
{
  since = mmap(0, sizeof *since, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return since != MAP_FAILED;
}

/* ---- the file ---- */

static int file = -1;

/* Where it cannot be written, a start that comes too soon believes the snapshot. */
static void put(uint64_t number)
{
  if (file != -1 && write(file, &number, sizeof number) == -1) return;
}

/* One more than fit is everybody. */
static void note(uint64_t number)
{
  if (since->count - since->known <= RECENT_MAX + 1) put(number);
}

static void add_number(uint64_t number)
{
  uint64_t const mine = atomic_fetch_add(&since->count, 1);
  since->numbers[mine % RECENT_MAX] = number;
}

bool recent_keep(char const *path)
{
  uint64_t number;
  int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd == -1) return false;
  for (int i = 0; i <= RECENT_MAX && read(fd, &number, sizeof number) == sizeof number; i++) add_number(number);
  file = fd;
  return true;
}

/* Who adds a number has it in the memory first: one that comes meanwhile is written by him, or here, or by both. */
static void renew_file(void)
{
  if (file == -1 || ftruncate(file, 0) == -1) return;
  uint64_t const end = since->count;
  if (end - since->known > RECENT_MAX) put(EVERYBODY);
  else
    for (uint64_t i = since->known; i < end; i++) put(since->numbers[i % RECENT_MAX]);
}

/* ---- who ---- */

/* FNV-1a, without regard to case. */
static uint64_t mix(uint64_t n, struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    unsigned char c = (unsigned char)f.s[i];
    if (c >= 'A' && c <= 'Z') c = (unsigned char)(c - 'A' + 'a');
    n = (n ^ c) * 0x100000001b3;
  }
  return (n ^ 0xff) * 0x100000001b3;
}

/* Two of the same number are one more who waits. */
static uint64_t number_of(struct field domain, struct field name)
{
  uint64_t n = mix(mix(0xcbf29ce484222325, domain), name);
  return !name.len ? EVERYBODY : n ? n : 1;
}

void recent_add(struct field domain, struct field name)
{
  uint64_t const number = number_of(domain, name);
  add_number(number);
  note(number);
}

bool recent_has(struct field domain, struct field name)
{
  uint64_t const n = number_of(domain, name), end = since->count;
  uint64_t i = since->known;
  if (end - i > RECENT_MAX) return true;
  for (; i < end; i++) {
    uint64_t const one = since->numbers[i % RECENT_MAX];
    if (one == n || one == EVERYBODY) return true;
  }
  return false;
}

void recent_begin(size_t worker)
{
  since->under_way[worker] = since->count + 1;
}

void recent_end(size_t worker)
{
  since->under_way[worker] = 0;
}

uint64_t recent_now(void)
{
  uint64_t now = since->count;
  for (size_t i = 0; i < RECENT_WORKERS; i++) {
    uint64_t const begun = since->under_way[i];
    if (begun && begun - 1 < now) now = begun - 1;
  }
  return now;
}

void recent_forget(uint64_t before)
{
  if (since->known == before) return;
  since->known = before;
  renew_file();
}

bool recent_is_empty(void)
{
  return since->known == since->count;
}
