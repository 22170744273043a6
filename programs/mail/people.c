#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "people.h"

enum { BLOCK = 16384 };

static bool is_same_lower(char const *name, char const *box, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (name[i] >= 'A' && name[i] <= 'Z') return false;
  return !strncasecmp(name, box, len);
}

/* Something that is no digit stands behind it. */
static bool is_uid_of_person(char const *s)
{
  unsigned long uid;
  size_t len = ulong_scan(s, &uid);
  return len && s[len] == ':' && uid >= PEOPLE_FROM && uid <= PEOPLE_TO;
}

/* name:password:uid:... */
static bool is_person(char const *line, char const *end, char const *box, size_t box_len)
{
  char const *colon = memchr(line, ':', (size_t)(end - line));
  if (!colon || (size_t)(colon - line) != box_len || !is_same_lower(line, box, box_len)) return false;
  char const *uid = memchr(colon + 1, ':', (size_t)(end - (colon + 1)));
  return uid && memchr(uid + 1, ':', (size_t)(end - (uid + 1))) && is_uid_of_person(uid + 1);
}

bool people_have(char const *lines, size_t len, char const *box)
{
  size_t box_len = strlen(box);
  for (char const *line = lines, *after = lines + len, *end; line < after; line = end + 1) {
    end = memchr(line, '\n', (size_t)(after - line));
    if (!end) end = after;
    if (is_person(line, end, box, box_len)) return true;
  }
  return false;
}

/* Block by block; the beginning of a line is kept until its end is here. */
static bool found_in(int fd, char const *box)
{
  static char block[BLOCK];
  size_t kept = 0;
  bool too_long = false;
  for (ssize_t r; (r = fd_read(fd, block + kept, sizeof block - kept)) > 0;) {
    size_t len = kept + (size_t)r;
    char const *newline = memrchr(block, '\n', len);
    char const *from = too_long ? memchr(block, '\n', len) : block;
    size_t whole = newline ? (size_t)(newline - block) + 1 : 0;
    if (newline && people_have(from, (size_t)(block + whole - from), box)) return true;
    too_long = !newline && (too_long || len == sizeof block);
    kept = too_long ? 0 : len - whole;
    memmove(block, block + whole, kept);
  }
  return !too_long && people_have(block, kept, box);
}

bool people_in_file(char const *path, char const *box)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd == -1) return false;
  bool found = found_in(fd, box);
  fd_close(fd);
  return found;
}
