#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "address.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "number.h"
#include "respond_history.h"
#include "temporary.h"

enum { LOCK_SECONDS = 60, NAME_TRIES = 100 };

struct answers { struct respond_history const *history; struct field sender; uint64_t now, his, all; bool forgets; };

/* ---- one answer ---- */

/* Behind the seconds may stand what makes the name new. */
static bool is_answer(char const *name, uint64_t *when)
{
  uint64_t pid;
  if (*name++ != 'A') return false;
  size_t digits = number_scan(name, strlen(name), &pid);
  if (!digits || name[digits] != '.') return false;
  name += digits + 1;
  digits = number_scan(name, strlen(name), when);
  return digits && (!name[digits] || name[digits] == '.');
}

/* A clock that was set back does not keep anybody waiting for longer. */
static bool is_over(struct answers const *t, uint64_t when)
{
  return (when < t->now ? t->now - when : when - t->now) > t->history->period;
}

static bool is_to(stralloc const *text, struct field sender)
{
  size_t len = text->len;
  while (len && (text->s[len - 1] == '\n' || text->s[len - 1] == '\r')) len--;
  return len == sender.len && strncasecmp(text->s, sender.s, len) == 0;
}

/* What nobody can read was an answer to somebody. */
static bool count(struct answers *t, char const *name)
{
  stralloc text = STRALLOC_ZERO;
  int read = dir_file_read(&text, t->history->directory, name, ADDRESS_MAX + 2);
  if (read == -1 && temporary(errno)) return false;
  if (read) t->all++;
  if (read == 1 && is_to(&text, t->sender)) t->his++;
  stralloc_free(&text);
  return true;
}

/* ---- all of them ---- */

static bool see(struct answers *t, char const *name)
{
  uint64_t when;
  if (!is_answer(name, &when)) return true;
  if (!t->forgets && !is_over(t, when)) return count(t, name);
  return unlinkat(t->history->directory, name, 0) == 0 || errno == ENOENT;
}

static bool count_all(struct answers *t)
{
  int fd = openat(t->history->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  struct dirent const *d;
  bool seen = dir;
  if (fd != -1 && !dir) fd_close(fd);
  while (seen && (errno = 0, d = readdir(dir))) seen = see(t, d->d_name);
  int e = errno;
  if (dir) closedir(dir);
  errno = e;
  return seen && !e;
}

static bool fill(int fd, struct field sender)
{
  bool written = allwrite(fd, sender.s, sender.len) == sender.len;
  int e = errno;
  fd_close(fd);
  errno = e;
  return written;
}

/* The same process number comes again within a second where processes have numbers of their own. */
static int create(char name[RESPOND_HISTORY_NAME], int directory, uint64_t now)
{
  int fd = -1;
  for (int i = 0; fd == -1 && i < NAME_TRIES; i++) {
    int len = snprintf(name, RESPOND_HISTORY_NAME, "A%ld.%" PRIu64, (long)getpid(), now);
    if (i) snprintf(name + len, RESPOND_HISTORY_NAME - (size_t)len, ".%d", i);
    fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd == -1 && errno != EEXIST) break;
  }
  return fd;
}

static enum respond_history_result write_note(char name[RESPOND_HISTORY_NAME], struct answers const *t)
{
  int fd = create(name, t->history->directory, t->now);
  if (fd == -1) return RESPOND_TROUBLE;
  if (fill(fd, t->sender)) return RESPOND_NOTED;
  respond_history_forget(t->history, name);
  return RESPOND_TROUBLE;
}

static enum respond_history_result judge(char name[RESPOND_HISTORY_NAME], struct answers *t)
{
  if (!count_all(t)) return RESPOND_TROUBLE;
  if (t->his >= t->history->most) return RESPOND_ENOUGH;
  if (t->all >= RESPOND_HISTORY_MAX) return RESPOND_FULL;
  return write_note(name, t);
}

enum respond_history_result respond_history_note(char name[RESPOND_HISTORY_NAME], struct respond_history const *h,
                                                 struct field sender, time_t now)
{
  struct answers t = { .history = h, .sender = sender, .now = (uint64_t)now };
  int lock = dir_lock(h->directory, ".lock", LOCK_SECONDS);
  if (lock == -1) return RESPOND_TROUBLE;
  enum respond_history_result result = judge(name, &t);
  int e = errno;
  fd_close(lock);
  errno = e;
  return result;
}

void respond_history_forget(struct respond_history const *h, char const *name)
{
  int e = errno;
  unlinkat(h->directory, name, 0);
  errno = e;
}

bool respond_history_clear(int directory)
{
  struct respond_history const history = { .directory = directory };
  return count_all(&(struct answers){ .history = &history, .forgets = true });
}
