#include <errno.h>
#include <time.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "open_smtp.h"
#include "roaming.h"
#include "site.h"

enum {
  LOCK_SECONDS = 2,         /* a login waits for it */
  FRESH_PART = 8            /* a line is renewed when this part of its time is over */
};

static uint64_t seconds;

void roaming_set(unsigned long minutes)
{
  seconds = 60 * (uint64_t)(minutes > ROAMING_MINUTES_MAX ? ROAMING_MINUTES_MAX : minutes);
}

bool roaming_is_on(void)
{
  return seconds;
}

/* A time of tomorrow, by a clock that was wrong, does not count for ever. */
static bool is_within(uint64_t time, uint64_t now, uint64_t age)
{
  return time > now ? time - now < age : now - time < age;
}

static uint64_t oldest(uint64_t now)
{
  return now > seconds ? now - seconds + 1 : 0;
}

/* Replaces *text by the file, nothing if there is none. */
static bool read_file(stralloc *text, int etc)
{
  text->len = 0;
  return dir_file_read(text, etc, ROAMING_FILE, OPEN_SMTP_MAX) != -1;
}

static struct field all_of(stralloc const *text)
{
  return (struct field){ text->s, text->len };
}

/* ---- changes ---- */

/* Somebody else may have changed it before we had the lock. */
static bool write_locked(int etc, struct field ip, uint64_t now)
{
  static stralloc text = STRALLOC_ZERO, changed = STRALLOC_ZERO;
  changed.len = 0;
  if (!read_file(&text, etc) || !open_smtp_write(&changed, all_of(&text), ip, now, oldest(now))) return false;
  if (changed.len > OPEN_SMTP_MAX) return errno = EFBIG, false;
  return (!text.len && !changed.len) || dir_file_write(etc, ROAMING_FILE, changed.s, changed.len);
}

static bool change(int etc, struct field ip, uint64_t now)
{
  int lock = dir_lock(etc, ROAMING_LOCK, LOCK_SECONDS);
  if (lock == -1) return false;
  bool done = write_locked(etc, ip, now);
  int e = errno;
  fd_close(lock);
  errno = e;
  return done;
}

static bool note_in(int etc, struct field ip)
{
  static stralloc text = STRALLOC_ZERO;
  uint64_t now = (uint64_t)time(0);
  if (!read_file(&text, etc)) return false;
  return is_within(open_smtp_find(all_of(&text), ip), now, seconds / FRESH_PART) || change(etc, ip, now);
}

bool roaming_note(struct field client)
{
  struct field ip = open_smtp_ip(client);
  int etc = ip.len ? site_open_etc() : -1;
  if (!ip.len || etc == -1) return !ip.len;
  bool done = note_in(etc, ip);
  int e = errno;
  fd_close(etc);
  errno = e;
  return done;
}

bool roaming_clear(void)
{
  int etc = site_open_etc();
  if (etc == -1) return errno == ENOENT;
  bool done = change(etc, (struct field){ "", 0 }, (uint64_t)time(0));
  int e = errno;
  fd_close(etc);
  errno = e;
  return done;
}

/* ---- the question ---- */

int roaming_ask(struct field client)
{
  static stralloc text = STRALLOC_ZERO;
  struct field ip = open_smtp_ip(client);
  if (!ip.len || !roaming_is_on()) return 0;
  int etc = site_open_etc();
  if (etc == -1) return errno == ENOENT ? 0 : -1;
  int r = read_file(&text, etc) ? is_within(open_smtp_find(all_of(&text), ip), (uint64_t)time(0), seconds) : -1;
  int e = errno;
  fd_close(etc);
  errno = e;
  return r;
}
