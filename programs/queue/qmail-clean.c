/* qmail-clean: change the queue's files, on behalf of qmail-send, who may only read them.

   runs as   qmailq, started by qmail-start
   reads     requests on fd 0 (clean.h), as many as there are
   changes   HOME/queue: removes, marks, holds and postpones messages, moves damaged ones to corrupt/; keeps files for the next
             messages, and offers them in lock/spare*; at start removes dot-names in mess/ that no living qmail-queue can own; makes
             lock/trigger when it is gone
   answers   on fd 1, one byte a request; those of all requests read together leave together
   exits     0 at end of file, 100 if an answer cannot be written, 111 if it cannot enter the queue
*/

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "clean.h"
#include "confine.h"
#include "die.h"
#include "queue_message.h"
#include "queue_path.h"
#include "queue_spare.h"
#include "spare_pool.h"

enum {
  LITTER_AGE = 129600,      /* seconds; must exceed the 24 hours qmail-queue may live */
  CORRUPT_TRIES = 100,
  TRIGGER_MODE = 0662,
  SHORTEST = 7,             /* bytes of a request with its NUL */
  INPUT = 8192              /* holds many requests, each answered by one byte */
};

/* ---- the deeds ---- */

static bool mess_remove(struct clean_request const *r)
{
  char path[QUEUE_PATH_MAX];
  if (spare_pool_keep(r->id)) return true;
  queue_path_mess(path, r->id);
  return unlink(path) == 0 || errno == ENOENT;
}

static bool mess_mark_done(struct clean_request const *r)
{
  return queue_message_mark_done(r->id, (size_t)r->offset);
}

static bool mess_set_due(struct clean_request const *r)
{
  return queue_message_set_due(r->id, r->channel, r->when, r->birth);
}

static bool mess_drop(struct clean_request const *r)
{
  return queue_spare_drop(r->id);
}

/* Numbers come again: an older damaged message of the same number keeps its name, this one becomes N.1 and so on. */
static bool mess_move_aside(struct clean_request const *r)
{
  char from[QUEUE_PATH_MAX], to[QUEUE_PATH_MAX];
  queue_path_mess(from, r->id);
  snprintf(to, sizeof to, "corrupt/%llu", (unsigned long long)r->id);
  for (int i = 1; i <= CORRUPT_TRIES; i++) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return true;
    int e = errno;
    if (e == ENOENT && access(from, F_OK) == -1) return true;
    if (e != EEXIST) return errno = e, false;
    snprintf(to, sizeof to, "corrupt/%llu.%d", (unsigned long long)r->id, i);
  }
  return false;
}

static bool mess_hold(struct clean_request const *r)
{
  return queue_message_set_hold(r->id, true);
}

static bool mess_release(struct clean_request const *r)
{
  return queue_message_set_hold(r->id, false);
}

static bool mess_sync(struct clean_request const *r)
{
  return queue_message_sync(r->id);
}

/* Ours until the next start gives it its own owner; qmail-send comes to it by its group. */
static bool trigger_make(struct clean_request const *r)
{
  struct stat st;
  (void)r;
  if (lstat(QUEUE_TRIGGER, &st) == 0) {
    if (S_ISFIFO(st.st_mode)) return true;
    if (S_ISDIR(st.st_mode) ? rmdir(QUEUE_TRIGGER) == -1 : unlink(QUEUE_TRIGGER) == -1) return false;
  }
  return mkfifo(QUEUE_TRIGGER, 0600) == 0 && chmod(QUEUE_TRIGGER, TRIGGER_MODE) == 0;
}

static struct { char const *words; bool (*deed)(struct clean_request const *); } const deeds[] = {
  [CLEAN_REMOVE]     = { "remove",       mess_remove },
  [CLEAN_DROP]       = { "remove",       mess_drop },
  [CLEAN_MARK_DONE]  = { "mark done in", mess_mark_done },
  [CLEAN_SET_DUE]    = { "postpone",     mess_set_due },
  [CLEAN_MOVE_ASIDE] = { "move aside",   mess_move_aside },
  [CLEAN_HOLD]       = { "hold",         mess_hold },
  [CLEAN_RELEASE]    = { "release",      mess_release },
  [CLEAN_SYNC]       = { "sync",         mess_sync },
  [CLEAN_TRIGGER]    = { "make",         trigger_make }
};

static char answer(char const *request, size_t len)
{
  struct clean_request r;
  char path[QUEUE_PATH_MAX];
  if (len + 1 < SHORTEST || !clean_unpack(&r, request, len)) return CLEAN_MALFORMED;
  if (deeds[r.deed].deed(&r)) return CLEAN_OK;
  queue_path_mess(path, r.id);
  strerr_warnwusys(deeds[r.deed].words, " ", r.deed == CLEAN_TRIGGER ? QUEUE_TRIGGER : path);
  return CLEAN_FAILED;
}

/* ---- requests and answers ---- */

static char input[INPUT];
static size_t used;
static bool skipping;         /* inside a request that was too long from its first byte on */

/* Carries out all complete requests of the input; their answers, one byte each. What is incomplete stays. */
static size_t answer_all(char *answers)
{
  size_t at = 0, count = 0;
  char const *nul;
  while ((nul = memchr(input + at, 0, used - at))) {
    size_t len = (size_t)(nul - (input + at));
    answers[count++] = skipping ? (char)CLEAN_MALFORMED : answer(input + at, len);
    skipping = false;
    at += len + 1;
  }
  used -= at;
  memmove(input, input + at, used);
  if (used < CLEAN_REQUEST_MAX) return count;
  skipping = true;
  used = 0;
  return count;
}

/* While files are spare it looks after them as well. */
static void wait_for_requests(void)
{
  struct pollfd p = { .fd = 0, .events = POLLIN };
  while (spare_pool_wait() != -1 && poll(&p, 1, spare_pool_wait()) <= 0) spare_pool_tend();
  spare_pool_tend();
}

static void serve(void)
{
  static char answers[INPUT];
  for (;;) {
    wait_for_requests();
    ssize_t r = read(0, input + used, sizeof input - used);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) strerr_diefusys(111, "read requests");
    if (r == 0) return;
    used += (size_t)r;
    size_t count = answer_all(answers);
    if (allwrite(1, answers, count) < count) strerr_diefusys(100, "write answers");
  }
}

/* ---- litter ---- */

/* Names that a qmail-queue gave on a file system without unnamed files, before it was killed. */
static void remove_litter(void)
{
  DIR *dir = opendir("mess");
  if (!dir) return strerr_warnwusys("open ", "mess");
  time_t now = time(0);
  struct dirent const *d;
  struct stat st;
  while ((d = readdir(dir)))
    if (d->d_name[0] == '.' && fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
        && !S_ISDIR(st.st_mode) && now - st.st_mtime > LITTER_AGE && unlinkat(dirfd(dir), d->d_name, 0) == -1)
      strerr_warnwusys("remove ", "mess/", d->d_name);
  closedir(dir);
}

/* ---- the beginning ---- */

static struct confine_path const paths[] = {
  { "mess",     CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
  { "corrupt",  CONFINE_CHANGE },
  { "lock",     CONFINE_FIFO },
  { 0 }
};
static struct confinement const confinement = {
  .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_PROCESSES | CONFINE_NO_SOCKETS
};

int main(void)
{
  PROG = "qmail-clean";
  sig_ignore(SIGPIPE);
  umask(077);
  enter_home();
  if (chdir("queue") == -1) strerr_diefusys(111, "chdir to ", "queue");
  remove_litter();
  spare_pool_begin();
  confine_or_warn(&confinement);
  serve();
  spare_pool_end();
  return 0;
}
