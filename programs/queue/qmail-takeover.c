/* qmail-takeover: turn the queue of an older qmail into one file per message, in place.

   runs as   root, started by qmail-start when it finds an old queue, or by hand while no qmail-send runs
   reads     HOME/queue in the old format: mess, todo, intd, info, local, remote; split by any number or not
   changes   each message into the new format, under its old number; damaged ones go to corrupt/
   exits     0 done; 100 wrong use; 111 the system failed, or a qmail-send runs: start it again, it goes on

   A crash at any instant loses and doubles nothing. For each message, in this order:

     1. the new file is written and synced without a name      crash: nothing happened
     2. it is renamed over mess/S/N, the directory synced       crash: the message is a new one, step 3 remains
     3. old mess elsewhere, todo, intd, info, local, remote go  crash: what is left is found by the next start and,
                                                                as mess/S/N is new already, only removed
*/

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "checksum.h"
#include "die.h"
#include "lock.h"
#include "queue_layout.h"
#include "queue_message.h"
#include "queue_path.h"
#include "takeover_find.h"
#include "takeover_read.h"
#include "takeover_write.h"

enum {
  GARBAGE_AGE = 129600,     /* seconds, the old qmail-send's own rule for what was never committed */
  NUMBER_TRIES = 100
};
#define NUMBER_STEP ((uint64_t)1 << 40)

static struct route_table routes;
static uint64_t converted;

/* ---- what is new already ---- */

/* Opens mess/S/N if it is a message of the new kind. The footer alone could be the end of a hostile message in an
   old file; but those all were readable for the world, and no new one is. */
static bool open_new(struct queue_message *m, uint64_t id)
{
  struct stat st;
  enum queue_read_result r = queue_message_open(m, id, false);
  if (r == QUEUE_TROUBLE) strerr_diefusys(111, "read a file of ", "mess");
  if (r != QUEUE_READ) return false;
  st = old_stat(m->fd, "mess");
  if (!(st.st_mode & S_IROTH)) return true;
  queue_message_close(m);
  return false;
}

static bool is_new(uint64_t id)
{
  struct queue_message m;
  bool r = open_new(&m, id);
  if (r) queue_message_close(&m);
  return r;
}

static bool is_canonical(struct old_file const *f)
{
  return f->kind == OLD_MESS && f->split == (int)(f->id % QUEUE_SPLIT);
}

/* The old message file of a number, if it is still there; where an old qmail looked, by preference. */
static struct old_file const *old_mess(struct old_message const *m)
{
  struct old_file const *found = 0;
  for (size_t i = 0; i < m->count; i++) {
    struct old_file const *f = m->files + i;
    if (f->kind != OLD_MESS || (is_canonical(f) && is_new(f->id))) continue;
    if (!found || is_canonical(f)) found = f;
  }
  return found;
}

static bool same_content(struct queue_message const *new, char const *path)
{
  static char block[OLD_BLOCK];
  int fd = old_open(path);
  bool same = (uint64_t)old_stat(fd, path).st_size == new->message_len;
  uint32_t sum = 0;
  for (size_t n; same && (n = old_read(fd, block, path));) sum = checksum(sum, block, n);
  fd_close(fd);
  return same && sum == new->message_crc;
}

/* The number the message gets: its own, unless a new message of other contents has it (the old queue came from
   another disk). *done tells that its file is there, from a run that was cut short. */
static uint64_t choose_number(struct old_file const *mess, bool *done)
{
  char path[OLD_PATH_MAX];
  uint64_t id = mess->id;
  old_path(path, mess);
  for (int i = 0; i < NUMBER_TRIES; i++, id += NUMBER_STEP) {
    struct queue_message m;
    *done = false;
    if (!open_new(&m, id)) return id;
    *done = same_content(&m, path);
    queue_message_close(&m);
    if (*done) return id;
  }
  strerr_dief(111, "no free number for ", path);
}

/* ---- bounces ---- */

/* Failure texts lie in bounce/N in both kinds of queue; with another number comes another name for them. The old
   name goes in step 3. */
static void name_bounce(uint64_t from, uint64_t to)
{
  char old[QUEUE_PATH_MAX], new[QUEUE_PATH_MAX];
  if (from == to) return;
  queue_path_bounce(old, from);
  queue_path_bounce(new, to);
  if (link(old, new) == -1 && errno != ENOENT && errno != EEXIST) strerr_diefusys(111, "link ", old, " to ", new);
}

static void forget_bounce(uint64_t from, uint64_t to)
{
  char old[QUEUE_PATH_MAX];
  queue_path_bounce(old, from);
  if (from != to && unlink(old) == -1 && errno != ENOENT) strerr_diefusys(111, "remove ", old);
}

/* ---- what is not a message ---- */

static void remove_old(struct old_file const *f)
{
  char path[OLD_PATH_MAX];
  old_path(path, f);
  if (unlink(path) == -1 && errno != ENOENT) strerr_diefusys(111, "remove ", path);
}

static void put_aside(struct old_file const *f)
{
  char path[OLD_PATH_MAX], to[OLD_PATH_MAX];
  char const *kind = f->kind == OLD_MESS ? "" : old_kind_name(f->kind);
  old_path(path, f);
  for (int i = 0; i < NUMBER_TRIES; i++) {
    snprintf(to, sizeof to, i ? "corrupt/%" PRIu64 "%s%.8s.%d" : "corrupt/%" PRIu64 "%s%.8s",
             f->id, *kind ? "." : "", kind, i);
    if (renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
      strerr_warnw(path, ": not a whole message, moved to ", to);
      return;
    }
    if (errno != EEXIST) break;
  }
  strerr_diefusys(111, "move ", path, " to ", to);
}

static void put_all_aside(struct old_message const *m)
{
  for (size_t i = 0; i < m->count; i++)
    if (!(is_canonical(m->files + i) && is_new(m->id))) put_aside(m->files + i);
}

/* Never committed: nobody was told that it is queued, and nobody can commit it now. Yet after a power cut an old
   qmail-queue's promise may have lost its link in todo, so what is younger than the old rule allows is kept. */
static void handle_garbage(struct old_message const *m, struct old_file const *mess)
{
  char path[OLD_PATH_MAX];
  old_path(path, mess);
  int fd = old_open(path);
  struct stat st = old_stat(fd, path);
  fd_close(fd);
  if (time(0) - st.st_mtime <= GARBAGE_AGE) return put_all_aside(m);
  for (size_t i = 0; i < m->count; i++)
    if (!(is_canonical(m->files + i) && is_new(m->id))) remove_old(m->files + i);
}

/* ---- one message ---- */

/* An old message file beside the new one is what that was made of, or else some other message. */
static void remove_old_mess(struct old_file const *f, uint64_t id)
{
  char path[OLD_PATH_MAX];
  struct queue_message m;
  if (is_canonical(f) && is_new(f->id)) return;
  old_path(path, f);
  bool new = open_new(&m, id);
  bool same = new && same_content(&m, path);
  if (new) queue_message_close(&m);
  if (same) remove_old(f);
  else put_aside(f);
}

/* Step 3: the old message file first (it sorts first). Without it the rest is known as leftovers. */
static void remove_leftovers(struct old_message const *m, uint64_t id)
{
  for (size_t i = 0; i < m->count; i++)
    if (m->files[i].kind == OLD_MESS) remove_old_mess(m->files + i, id);
    else remove_old(m->files + i);
}

static void convert(struct old_message const *m, struct old_file const *mess)
{
  struct birth b = BIRTH_ZERO;
  char path[OLD_PATH_MAX];
  bool done;
  old_path(path, mess);
  uint64_t id = choose_number(mess, &done);
  if (!done) {
    if (!birth_read(&b, m, path, &routes)) {
      put_all_aside(m);
      stralloc_free(&b.envelope);
      return;
    }
    name_bounce(m->id, id);
    birth_write(&b, id, path);
    converted++;
  }
  remove_leftovers(m, id);
  forget_bounce(m->id, id);
  stralloc_free(&b.envelope);
}

static void take_over(struct old_message const *m)
{
  struct old_file const *mess = old_mess(m);
  bool committed = old_file_of(m, OLD_TODO) || old_file_of(m, OLD_INFO);
  if (mess && committed) convert(m, mess);
  else if (mess) handle_garbage(m, mess);
  else if (is_new(m->id)) remove_leftovers(m, m->id);
  else put_all_aside(m);
}

static void take_over_all(void)
{
  size_t count;
  struct old_file const *files = old_find(&count);
  for (size_t at = 0, n; at < count; at += n) {
    for (n = 1; at + n < count && files[at + n].id == files[at].id; n++) ;
    struct old_message m = { files[at].id, files + at, n };
    take_over(&m);
  }
}

/* ---- before and after ---- */

static void told(char const *path, char const *what)
{
  strerr_warnw(path, ": ", what);
}

static void prepare(void)
{
  char const *culprit;
  umask(022);
  enter_home();
  if (!route_load(&routes, &culprit)) strerr_diefusys(111, "read ", culprit);
  if (!queue_layout_repair(told, &culprit)) strerr_diefusys(111, "repair ", culprit);
  if (chdir("queue") == -1) strerr_diefusys(111, "chdir to ", "queue");
}

/* Held until the end: no qmail-send, old or new, starts meanwhile. */
static void keep_send_away(void)
{
  int fd = open(QUEUE_SENDMUTEX, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(111, "open ", QUEUE_SENDMUTEX);
  if (lock_try(fd)) return;
  if (errno == EWOULDBLOCK) strerr_dief(111, "a qmail-send is running, stop it first");
  strerr_diefusys(111, "lock ", QUEUE_SENDMUTEX);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-takeover";
  char number[UINT64_FMT];
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (getuid() != 0) strerr_dief(100, "only root can take over a queue");
  prepare();
  keep_send_away();
  if (old_gather()) {
    take_over_all();
    old_remove_directories();
  }
  number[uint64_fmt(number, converted)] = 0;
  strerr_warni("took over ", number, converted == 1 ? " message" : " messages");
  return 0;
}
