#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "remote_fold.h"
#include "remote_message.h"

enum { LAST_LINE_END = 2 };

static void look_at(struct message *m, char const *s, size_t len)
{
  unsigned char all = 0;
  for (size_t i = 0; i < len; i++) {
    all |= (unsigned char)s[i];
    m->size += s[i] == '\n' || s[i] == '\r';
  }
  m->size += len;
  if (all & 128) m->eight_bit = true;
}

/* Sees only LFs, which is fast. */
static void look_for_long_lines(struct message *m, char const *s, size_t len)
{
  for (char const *end; !m->long_lines && (end = memchr(s, '\n', len)); s = end + 1) {
    size_t n = (size_t)(end - s);
    m->long_lines = m->line + n > FOLD_LINE_MAX;
    m->line = 0;
    len -= n + 1;
  }
  m->line += len;
  if (m->line > FOLD_LINE_MAX) m->long_lines = true;
}

/* CRs end lines as well. */
static void look_again(struct message *m, char const *s, size_t len)
{
  for (size_t i = 0; i < len && !m->long_lines; i++) {
    m->line = s[i] == '\n' || s[i] == '\r' ? 0 : m->line + 1;
    m->long_lines = m->line > FOLD_LINE_MAX;
  }
}

/* All of it, from where it stands to its end. */
static bool each_block(struct message *m, void (*look)(struct message *, char const *, size_t))
{
  static char block[65536];
  ssize_t r;
  m->line = 0;
  while ((r = message_read(m, block, sizeof block)) > 0) look(m, block, (size_t)r);
  return r == 0 && message_rewind(m);
}

static void look_at_all(struct message *m, char const *s, size_t len)
{
  look_at(m, s, len);
  look_for_long_lines(m, s, len);
}

bool message_examine(struct message *m, int fd)
{
  struct stat st;
  *m = (struct message){ .fd = fd, .eight_bit = true };
  if (fstat(fd, &st) == -1) return false;
  m->begin = S_ISREG(st.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
  m->seekable = m->begin != -1;
  if (!m->seekable) return true;
  m->eight_bit = false;
  if (!each_block(m, look_at_all)) return false;
  m->size += LAST_LINE_END;
  if (!m->long_lines) return true;
  m->long_lines = false;
  return each_block(m, look_again);
}

ssize_t message_head(struct message const *m, char *to, size_t max)
{
  size_t len = 0;
  ssize_t r = 1;
  while (len < max && (r = pread(m->fd, to + len, max - len, m->begin + (off_t)len)) != 0) {
    if (r == -1 && errno != EINTR) return -1;
    if (r > 0) len += (size_t)r;
  }
  return (ssize_t)len;
}

bool message_rewind(struct message const *m)
{
  return !m->seekable || lseek(m->fd, m->begin, SEEK_SET) != -1;
}

ssize_t message_read(struct message const *m, char *to, size_t max)
{
  return fd_read(m->fd, to, max);
}
