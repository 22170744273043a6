#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "address.h"
#include "serial_message.h"
#include "text.h"

/* As much as is there, at most len bytes. */
static ssize_t read_at(int fd, char *to, size_t len, uint64_t at)
{
  size_t got = 0;
  while (got < len) {
    ssize_t r = pread(fd, to + got, len - got, (off_t)(at + got));
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) return -1;
    if (!r) break;
    got += (size_t)r;
  }
  return (ssize_t)got;
}

void serial_message_close(struct serial_message *m)
{
  if (m->fd != -1) fd_close(m->fd);
  m->fd = -1;
}

/* The line has the sender in quotes where he needs them; who sends him on quotes in his own way. */
static void unquote(stralloc *to, struct field sender)
{
  size_t rest;
  stralloc in_brackets = STRALLOC_ZERO;
  text_set(&in_brackets, "<");
  text_addb(&in_brackets, sender.s, sender.len);
  text_add(&in_brackets, ">");
  int r = address_from_command(to, in_brackets.s, in_brackets.len, &rest);
  if (r == -1) memory_gone();
  if (r != 1 || rest != in_brackets.len) text_setb(to, sender.s, sender.len);
  stralloc_free(&in_brackets);
}

static bool read_start(struct serial_message *m, char const *name)
{
  struct stat st;
  m->fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (m->fd == -1 || fstat(m->fd, &st) == -1) return false;
  if (!S_ISREG(st.st_mode)) return errno = EINVAL, false;
  m->size = (uint64_t)st.st_size;
  ssize_t r = read_at(m->fd, m->start, sizeof m->start, 0);
  m->start_len = r > 0 ? (size_t)r : 0;
  return r != -1;
}

enum serial_opened serial_message_open(struct serial_message *m, char const *name, char const *prefix)
{
  serial_message_close(m);
  if (!read_start(m, name)) return SERIAL_UNREADABLE;
  if (serial_head_read(&m->head, m->start, m->start_len, prefix) != SERIAL_HEAD_OK) return SERIAL_NOT_OURS;
  if (m->head.len > m->size) return errno = EIO, SERIAL_UNREADABLE;
  unquote(&m->sender, m->head.sender);
  text_setb(&m->recipient, m->head.recipient.s, m->head.recipient.len);
  return SERIAL_OPENED;
}

ssize_t serial_message_next(struct serial_message const *m, uint64_t *at, char const **piece)
{
  static char block[65536];
  uint64_t begin = m->head.len + *at, left = m->size - begin;
  if (!left) return 0;
  ssize_t r = read_at(m->fd, block, left < sizeof block ? (size_t)left : sizeof block, begin);
  if (r <= 0) return errno = r ? errno : EIO, -1;
  *at += (uint64_t)r;
  *piece = block;
  return r;
}

bool serial_message_look(struct serial_message const *m, struct serial_facts *facts)
{
  char const *s;
  uint64_t at = 0;
  unsigned char all = 0;
  ssize_t r;
  facts->wire = serial_message_len(m) + 2;
  while ((r = serial_message_next(m, &at, &s)) > 0)
    for (ssize_t i = 0; i < r; i++) {
      all |= (unsigned char)s[i];
      facts->wire += s[i] == '\n' || s[i] == '\r';
    }
  facts->eight_bit = all & 128;
  return r == 0;
}
