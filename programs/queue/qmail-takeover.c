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
#include <linux/openat2.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "checksum.h"
#include "lock.h"
#include "queue_layout.h"
#include "queue_message.h"
#include "queue_path.h"
#include "takeover_envelope.h"
#include "takeover_find.h"
#include "text.h"

enum {
  GARBAGE_AGE = 129600,     /* seconds, the old qmail-send's own rule for what was never committed */
  NUMBER_TRIES = 100,
  BLOCK = 65536
};
#define NUMBER_STEP ((uint64_t)1 << 40)

static struct route_table routes;
static uid_t queue_uid;
static gid_t queue_gid;
static uint64_t converted;

/* All files of one number. */
struct old_message {
  uint64_t id;
  struct old_file const *files;
  size_t count;
};

/* ---- files ---- */

/* The queue's directories belong to users who are not trusted with root's eyes: no symbolic link is followed. */
static int open_old(char const *path)
{
  struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
  struct stat st;
  int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (fd == -1 || fstat(fd, &st) == -1) strerr_diefusys(111, "open ", path);
  if (!S_ISREG(st.st_mode)) strerr_dief(111, path, " is not a regular file");
  return fd;
}

static struct stat stat_or_die(int fd, char const *path)
{
  struct stat st;
  if (fstat(fd, &st) == -1) strerr_diefusys(111, "stat ", path);
  return st;
}

static size_t read_block(int fd, char *block, char const *path)
{
  ssize_t r;
  do r = read(fd, block, BLOCK); while (r == -1 && errno == EINTR);
  if (r == -1) strerr_diefusys(111, "read ", path);
  return (size_t)r;
}

static void remove_old(struct old_file const *f)
{
  char path[OLD_PATH_MAX];
  old_path(path, f);
  if (unlink(path) == -1 && errno != ENOENT) strerr_diefusys(111, "remove ", path);
}

static struct old_file const *file_of(struct old_message const *m, int kind)
{
  for (size_t i = 0; i < m->count; i++)
    if (m->files[i].kind == kind) return m->files + i;
  return 0;
}

/* ---- what is new already ---- */

/* Opens mess/S/N if it is a message of the new kind. The footer alone could be the end of a hostile message in an
   old file; but those all were readable for the world, and no new one is. */
static bool open_new(struct queue_message *m, uint64_t id)
{
  struct stat st;
  enum queue_read_result r = queue_message_open(m, id, false);
  if (r == QUEUE_TROUBLE) strerr_diefusys(111, "read a file of ", "mess");
  if (r != QUEUE_READ) return false;
  st = stat_or_die(m->fd, "mess");
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
  static char block[BLOCK];
  int fd = open_old(path);
  bool same = (uint64_t)stat_or_die(fd, path).st_size == new->message_len;
  uint32_t sum = 0;
  for (size_t n; same && (n = read_block(fd, block, path));) sum = checksum(sum, block, n);
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

/* ---- the new file ---- */

struct birth {
  uint64_t born;
  uint64_t due[CHANNELS];
  stralloc envelope;
};

/* Appends a state file; its mtime is the message's birth or the channel's next attempt. False when the file is
   larger than any envelope may be. */
static bool add_file(stralloc *to, struct old_file const *f, uint64_t *mtime)
{
  char path[OLD_PATH_MAX];
  old_path(path, f);
  int fd = open_old(path);
  struct stat st = stat_or_die(fd, path);
  bool fits = (uint64_t)st.st_size + to->len <= QUEUE_ENVELOPE_MAX;
  size_t size = fits ? (size_t)st.st_size : 0;
  if (!stralloc_readyplus(to, size + 1)) die_nomem();
  if (allread(fd, to->s + to->len, size) < size) strerr_diefusys(111, "read ", path);
  to->len += size;
  fd_close(fd);
  *mtime = st.st_mtime > 0 ? (uint64_t)st.st_mtime : 0;
  return fits;
}

static void add_record(stralloc *to, char letter, char const *s, size_t len)
{
  text_addc(to, letter);
  text_addb(to, s, len);
  text_addc(to, 0);
}

static void add_number(stralloc *to, char letter, uint64_t number)
{
  char digits[UINT64_FMT];
  add_record(to, letter, digits, uint64_fmt(digits, number));
}

static struct { char const *words, *user; } const callers[] = {
  { "from network", "qmaild" }, { "for bounce", "qmails" }, { "by alias", "alias" }
};

static uint64_t uid_of(char const *who, size_t len)
{
  uint64_t uid;
  char words[32];
  if (len >= sizeof words) return 0;
  memcpy(words, who, len);
  words[len] = 0;
  if (!strncmp(words, "by uid ", 7) && uint640_scan(words + 7, &uid)) return uid;
  for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
    struct passwd const *pw = strcmp(words, callers[i].words) ? 0 : getpwnam(callers[i].user);
    if (pw) return pw->pw_uid;
  }
  return 0;
}

/* A preprocessed message has only its Received line to tell who handed it in. */
static void add_origin(stralloc *to, char const *path)
{
  static char block[BLOCK];
  uint64_t pid;
  char const *who;
  size_t len;
  int fd = open_old(path);
  bool known = old_received(block, read_block(fd, block, path), &pid, &who, &len);
  fd_close(fd);
  if (!known) return;
  add_number(to, 'u', uid_of(who, len));
  add_number(to, 'p', pid);
}

static void add_local_recipients(stralloc *to, stralloc const *records, uint64_t id)
{
  stralloc address = STRALLOC_ZERO;
  struct queue_record r;
  char number[UINT64_FMT];
  number[uint64_fmt(number, id)] = 0;
  for (size_t at = 0; queue_envelope_next(records, &at, &r);) {
    int found = old_local_recipient(&routes, &address, r.text, r.len);
    if (found == -1) die_nomem();
    if (!found && r.letter == 'T')
      strerr_warnw("message ", number, ": ", r.text, " is not local any more, goes to ", text_z(&address));
    add_record(to, r.letter, address.s, address.len);
  }
  stralloc_free(&address);
}

/* The records of a channel's file are the envelope's when a sender stands before them. */
static bool channel_valid(stralloc const *records)
{
  stralloc whole = STRALLOC_ZERO;
  add_record(&whole, 'F', "", 0);
  text_addb(&whole, records->s, records->len);
  bool valid = queue_envelope_valid(whole.s, whole.len);
  stralloc_free(&whole);
  return valid;
}

/* Queued, not yet preprocessed: todo says all. Leftovers of a preprocessing that was cut short count for nothing. */
static bool read_todo(struct birth *b, struct old_message const *m)
{
  return add_file(&b->envelope, file_of(m, OLD_TODO), &b->born)
      && queue_envelope_valid(b->envelope.s, b->envelope.len);
}

/* Preprocessed: the sender from info, each channel's recipients from its file, if it is not finished. */
static bool read_info(struct birth *b, struct old_message const *m, char const *mess_path)
{
  stralloc text = STRALLOC_ZERO;
  bool valid = add_file(&text, file_of(m, OLD_INFO), &b->born)
      && text.len && text.s[0] == 'F' && queue_envelope_valid(text.s, text.len);
  add_origin(&b->envelope, mess_path);
  text_addb(&b->envelope, text.s, text.len);
  static int const kinds[CHANNELS] = { [CHANNEL_LOCAL] = OLD_LOCAL, [CHANNEL_REMOTE] = OLD_REMOTE };
  for (int c = 0; c < CHANNELS && valid; c++) {
    struct old_file const *f = file_of(m, kinds[c]);
    if (!f) continue;
    text.len = 0;
    valid = add_file(&text, f, b->due + c) && channel_valid(&text);
    if (!valid) break;
    if (c == CHANNEL_LOCAL) add_local_recipients(&b->envelope, &text, m->id);
    else text_addb(&b->envelope, text.s, text.len);
  }
  stralloc_free(&text);
  return valid && queue_envelope_valid(b->envelope.s, b->envelope.len) && b->envelope.len <= QUEUE_ENVELOPE_MAX;
}

static void write_all(struct queue_writer *w, struct birth const *b, char const *mess_path)
{
  static char block[BLOCK];
  struct queue_record r;
  int fd = open_old(mess_path);
  for (size_t n; (n = read_block(fd, block, mess_path));) queue_write_message(w, block, n);
  fd_close(fd);
  for (size_t at = 0; queue_envelope_next(&b->envelope, &at, &r);) queue_write_record(w, r.letter, r.text, r.len);
  memcpy(w->due, b->due, sizeof w->due);
}

static void write_new(struct birth const *b, uint64_t id, char const *mess_path)
{
  static struct queue_writer w;
  enum queue_write_result r = queue_write_begin(&w);
  if (r == QUEUE_WRITTEN) {
    write_all(&w, b, mess_path);
    if (fchown(w.fd, queue_uid, queue_gid) == -1) r = QUEUE_CANNOT_WRITE;
    else r = queue_write_commit_as(&w, b->born, id);
    int e = errno;
    queue_write_end(&w);
    errno = e;
  }
  if (r != QUEUE_WRITTEN) strerr_diefusys(111, "write the new file of ", mess_path);
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
  int fd = open_old(path);
  struct stat st = stat_or_die(fd, path);
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
  struct birth b = { .envelope = STRALLOC_ZERO };
  char path[OLD_PATH_MAX];
  bool done;
  old_path(path, mess);
  uint64_t id = choose_number(mess, &done);
  if (!done) {
    if (!(file_of(m, OLD_TODO) ? read_todo(&b, m) : read_info(&b, m, path))) {
      put_all_aside(m);
      stralloc_free(&b.envelope);
      return;
    }
    name_bounce(m->id, id);
    write_new(&b, id, path);
    converted++;
  }
  remove_leftovers(m, id);
  forget_bounce(m->id, id);
  stralloc_free(&b.envelope);
}

static void take_over(struct old_message const *m)
{
  struct old_file const *mess = old_mess(m);
  bool committed = file_of(m, OLD_TODO) || file_of(m, OLD_INFO);
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
  queue_uid = account_uid("qmailq");
  queue_gid = account_gid("qmail");
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
