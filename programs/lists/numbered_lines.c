#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "number.h"
#include "numbered_lines.h"
#include "text.h"

/* Where a line begins, here or behind; -1 with errno. */
static off_t line_from(int fd, off_t size, off_t at)
{
  char piece[NUMBERED_LINE_MAX];
  if (!at) return 0;
  for (at--; at < size; at += (off_t)sizeof piece) {
    ssize_t const r = pread(fd, piece, sizeof piece, at);
    if (r == -1) return -1;
    char const *newline = memchr(piece, '\n', (size_t)r);
    if (newline) return at + (newline - piece) + 1;
  }
  return size;
}

/* Whether a line begins with a number, and which. */
static bool is_numbered(uint64_t *number, char const *s, size_t len)
{
  size_t const digits = number_scan(s, len, number);
  return digits && digits < len && s[digits] == ':';
}

/* 1: from here on all lines have that number or a higher one; 0: not so; -1 with errno. A line without a number is a low one. */
static int has_reached(int fd, off_t size, off_t at, uint64_t number)
{
  char digits[24];
  uint64_t found;
  off_t const line = line_from(fd, size, at);
  if (line == -1 || line >= size) return line == -1 ? -1 : 1;
  ssize_t const r = pread(fd, digits, sizeof digits, line);
  if (r == -1) return -1;
  return is_numbered(&found, digits, (size_t)r) && found >= number;
}

off_t numbered_lines_find(int fd, off_t size, uint64_t number)
{
  off_t low = 0, high = size;
  while (low < high) {
    off_t const middle = low + (high - low) / 2;
    int const r = has_reached(fd, size, middle, number);
    if (r == -1) return -1;
    if (r) high = middle;
    else low = middle + 1;
  }
  return line_from(fd, size, low);
}

/* The bytes from one place to another. */
static bool read_piece(stralloc *to, int fd, off_t from, off_t end)
{
  size_t const len = (size_t)(end - from);
  text_room(to, len + 1);
  ssize_t const r = pread(fd, to->s + to->len, len, from);
  if (r == -1) return false;
  to->len += (size_t)r;
  return true;
}

/* Where the lines with numbers begin. */
static off_t read_head(stralloc *head, int fd, off_t size)
{
  uint64_t number;
  off_t const end = line_from(fd, size, 1);
  if (end == -1 || !read_piece(head, fd, 0, end < NUMBERED_LINE_MAX ? end : NUMBERED_LINE_MAX)) return -1;
  if (is_numbered(&number, head->s, head->len)) return head->len = 0;
  if (head->len && head->s[head->len - 1] == '\n') head->len--;
  return end;
}

static bool read_around(struct numbered_lines *to, int fd, off_t size, uint64_t around, off_t max)
{
  off_t const first = read_head(&to->head, fd, size);
  if (first == -1) return false;
  off_t from = first, end = size;
  if (size > max) {
    off_t const at = numbered_lines_find(fd, size, around);
    if (at == -1) return false;
    if (at - max / 2 > first) from = line_from(fd, size, at - max / 2);
    if (at + max / 2 < size) end = line_from(fd, size, at + max / 2);
    if (from == -1 || end == -1) return false;
  }
  to->more_before = from > first, to->more_behind = end < size;
  /* a line that never ends is nobody's */
  if (end - from > 2 * max) return errno = EFBIG, false;
  return read_piece(&to->text, fd, from, end);
}

int numbered_lines_read(struct numbered_lines *to, char const *path, uint64_t around, size_t max)
{
  struct stat st;
  int const fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  *to = (struct numbered_lines){ .text = STRALLOC_ZERO };
  if (fd == -1) return errno == ENOENT ? 0 : -1;
  bool const read = fstat(fd, &st) == 0 && read_around(to, fd, st.st_size, around, (off_t)max);
  int const reason = errno;
  fd_close(fd);
  errno = reason;
  return read ? 1 : -1;
}
