#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>

#include "control.h"
#include "home.h"
#include "local_end.h"
#include "local_limits.h"
#include "local_mbox.h"
#include "lock.h"
#include "mbox_quote.h"
#include "text.h"

static unsigned long dotlock_seconds;

static struct control const controls[] = {
  /* file           kind            goes to            when absent */
  { "mboxdotlock",  CONTROL_NUMBER, &dotlock_seconds,  "0" },
  { 0 }
};

struct mbox {
  char const *file;
  stralloc dotlock;           /* its name; empty when there is none of ours */
  int fd;
  bool locked;
  off_t old_size;
  buffer out;
  char memory[65536];
};

/* ---- where it must not be ---- */

static bool has_directory(char const *dir, size_t len, char const *name)
{
  static stralloc path = STRALLOC_ZERO;
  struct stat st;
  text_setb(&path, dir, len);
  text_add(&path, name);
  return stat(text_z(&path), &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_working_directory(char const *dir, size_t len)
{
  static stralloc path = STRALLOC_ZERO;
  struct stat st, here;
  text_setb(&path, dir, len);
  return stat(text_z(&path), &st) == 0 && stat(".", &here) == 0 && st.st_dev == here.st_dev && st.st_ino == here.st_ino;
}

bool mbox_is_inside_maildir(char const *file)
{
  for (char const *slash = strchr(file, '/'); slash; slash = strchr(slash + 1, '/')) {
    size_t len = (size_t)(slash - file) + 1;
    bool is_maildir = has_directory(file, len, "cur") && has_directory(file, len, "new") && has_directory(file, len, "tmp");
    if (is_maildir && !is_working_directory(file, len)) return true;
  }
  return false;
}

/* ---- the file, open and locked ---- */

static void open_mbox(struct mbox *b)
{
  b->fd = open(b->file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
  if (b->fd != -1) return;
  if (errno == EISDIR)
    local_defer("Unable to open ", b->file, ": it is a directory; for a Maildir the line in .qmail needs a slash"
                " at its end. (#4.2.1)");
  local_defer_errno("Unable to open ", b->file, "(#4.2.1)");
}

/* Where locks are impossible, mail is still better delivered; but then nothing may be cut off afterwards. */
static void lock_mbox(struct mbox *b)
{
  local_alarm(MBOX_LOCK_SECONDS, "File has been locked for 30 seconds straight. (#4.3.0)");
  b->locked = lock_wait(b->fd);
  local_alarm(0, "");
}

/* While a lock was waited for, a mail reader may have put another file in its place, or none. */
static bool is_still_there(struct mbox const *b)
{
  struct stat ours, named;
  if (fstat(b->fd, &ours) == -1) local_defer_errno("Unable to stat ", b->file, "(#4.3.0)");
  return stat(b->file, &named) == 0 && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* From the home directory to the control files and back. */
static void read_controls(void)
{
  char const *culprit = HOME;
  int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1 || chdir(HOME) == -1 || !control_load(controls, &culprit) || fchdir(home) == -1)
    local_defer_errno("Unable to read ", culprit, "(#4.3.0)");
  fd_close(home);
}

static bool is_stale(char const *path)
{
  struct stat st;
  return stat(path, &st) == 0 && st.st_mtime + DOTLOCK_STALE_SECONDS < time(0);
}

static bool is_regular(int fd)
{
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* For programs that know no lock but FILE.lock. Taken last, so that few have to give it back. */
static void dot_lock(struct mbox *b)
{
  if (!dotlock_seconds || !is_regular(b->fd)) return;
  text_set(&b->dotlock, b->file);
  text_add(&b->dotlock, ".lock");
  for (unsigned long waited = 0;; waited++) {
    int fd = open(text_z(&b->dotlock), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd != -1) {
      fd_close(fd);
      return;
    }
    if (errno != EEXIST) local_defer_errno("Unable to create ", b->dotlock.s, "(#4.2.1)");
    if (is_stale(b->dotlock.s) && unlink(b->dotlock.s) == 0) continue;
    if (waited == dotlock_seconds) local_defer(b->dotlock.s, " is still there. (#4.3.0)");
    sleep(1);
  }
}

static void dot_unlock(struct mbox *b)
{
  if (b->dotlock.len) unlink(b->dotlock.s);
}

/* A writer that was killed may have left a part of a line; a "From " behind it would begin no message. */
static bool ends_inside_a_line(struct mbox const *b)
{
  char last = '\n';
  if (b->old_size <= 0) return false;
  int fd = open(b->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return false;
  if (pread(fd, &last, 1, b->old_size - 1) == -1) last = '\n';
  fd_close(fd);
  return last != '\n';
}

static void undo(struct mbox *b)
{
  int e = errno;
  if (b->locked && b->old_size >= 0 && ftruncate(b->fd, b->old_size) == -1)
    strerr_warn("Unable to truncate ", b->file, ": ", reason(errno));
  dot_unlock(b);
  errno = e;
}

static _Noreturn void cannot_write(struct mbox *b)
{
  undo(b);
  local_defer_errno("Unable to write ", b->file, "(#4.3.0)");
}

static void put(void *to, char const *s, size_t len)
{
  struct mbox *b = to;
  if (buffer_put(&b->out, s, len) != (ssize_t)len) cannot_write(b);
}

static void put_text(struct mbox *b, stralloc const *line)
{
  put(b, line->s, line->len);
}

static void put_message(struct mbox *b)
{
  static char block[65536];
  struct mbox_quote quote = { .put = put, .to = b };
  for (off_t at = 0;;) {
    ssize_t r = pread(0, block, sizeof block, at);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) {
      undo(b);
      local_defer("Unable to read message: ", reason(errno), ". (#4.3.0)");
    }
    if (r == 0) break;
    mbox_quote_feed(&quote, block, (size_t)r);
    at += r;
  }
  mbox_quote_end(&quote);
}

/* Special files (/dev/null) know no fsync. */
static void finish(struct mbox *b)
{
  if (!buffer_flush(&b->out)) cannot_write(b);
  if (fsync(b->fd) == -1 && errno != EINVAL && errno != EROFS) cannot_write(b);
  dot_unlock(b);
  fd_close(b->fd);
}

static void open_and_lock(struct mbox *b)
{
  for (int tries = 0; tries < MBOX_TRIES; tries++) {
    b->dotlock.len = 0;
    open_mbox(b);
    lock_mbox(b);
    dot_lock(b);
    if (is_still_there(b)) return;
    dot_unlock(b);
    fd_close(b->fd);
  }
  local_defer("Uh-oh: ", b->file, " is replaced again and again. (#4.3.0)");
}

void mbox_deliver(struct local_mail const *m, char const *file)
{
  static struct mbox b;
  b.file = file;
  read_controls();
  open_and_lock(&b);
  b.old_size = lseek(b.fd, 0, SEEK_END);
  buffer_init(&b.out, &buffer_write, b.fd, b.memory, sizeof b.memory);
  if (ends_inside_a_line(&b)) put(&b, "\n", 1);
  put_text(&b, &m->from_line);
  put_text(&b, &m->return_path);
  put_text(&b, &m->delivered_to);
  put_message(&b);
  put(&b, "\n", 1);
  finish(&b);
}
