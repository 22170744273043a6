#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

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

bool message_examine(struct message *m, int fd)
{
  static char block[65536];
  struct stat st;
  ssize_t r;
  *m = (struct message){ .fd = fd, .eight_bit = true };
  if (fstat(fd, &st) == -1) return false;
  m->begin = S_ISREG(st.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
  m->seekable = m->begin != -1;
  if (!m->seekable) return true;
  m->eight_bit = false;
  while ((r = message_read(m, block, sizeof block)) > 0) look_at(m, block, (size_t)r);
  m->size += LAST_LINE_END;
  return r == 0 && message_rewind(m);
}

bool message_rewind(struct message const *m)
{
  return !m->seekable || lseek(m->fd, m->begin, SEEK_SET) != -1;
}

ssize_t message_read(struct message const *m, char *to, size_t max)
{
  return fd_read(m->fd, to, max);
}
