#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>

#include "local_end.h"
#include "local_limits.h"
#include "local_mbox.h"
#include "lock.h"
#include "mbox_quote.h"

struct mbox {
  char const *file;
  int fd;
  bool locked;
  off_t old_size;
  buffer out;
  char memory[65536];
};

/* A .qmail file that was written elsewhere: "./Maildir/\r" would be a file that nobody looks into. */
static void refuse_carriage_return(char const *file)
{
  size_t len = strlen(file);
  if (len && file[len - 1] == '\r')
    local_defer("Uh-oh: the line in .qmail ends with a carriage return; lines end with LF alone. (#4.2.1)");
}

static void open_mbox(struct mbox *b)
{
  refuse_carriage_return(b->file);
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
  b->old_size = lseek(b->fd, 0, SEEK_END);
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

static void undo(struct mbox const *b)
{
  int e = errno;
  if (b->locked && b->old_size >= 0 && ftruncate(b->fd, b->old_size) == -1)
    strerr_warn("Unable to truncate ", b->file, ": ", strerror(errno));
  errno = e;
}

static _Noreturn void cannot_write(struct mbox const *b)
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
      local_defer("Unable to read message: ", strerror(errno), ". (#4.3.0)");
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
  fd_close(b->fd);
}

void mbox_deliver(struct local_mail const *m, char const *file)
{
  static struct mbox b;
  b.file = file;
  open_mbox(&b);
  lock_mbox(&b);
  buffer_init(&b.out, &buffer_write, b.fd, b.memory, sizeof b.memory);
  if (ends_inside_a_line(&b)) put(&b, "\n", 1);
  put_text(&b, &m->from_line);
  put_text(&b, &m->return_path);
  put_text(&b, &m->delivered_to);
  put_message(&b);
  put(&b, "\n", 1);
  finish(&b);
}
