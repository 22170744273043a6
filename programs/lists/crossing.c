#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "crossing.h"
#include "number.h"
#include "numbered_lines.h"
#include "replace.h"
#include "surf.h"
#include "text.h"

enum { TAIL = 8192 };

static bool directory_there(char const *path)
{
  return mkdir(path, 0755) == 0 || errno == EEXIST;
}

/* The last line in what the file ends with; empty where that is torn, or longer. */
static struct field last_line(char const *tail, size_t len)
{
  if (!len || tail[len - 1] != '\n') return (struct field){ "", 0 };
  char const *before = memrchr(tail, '\n', len - 1);
  return before ? (struct field){ before + 1, (size_t)(tail + len - before - 1) } : (struct field){ "", 0 };
}

/* Whether the line simply follows: it has the highest number. */
static bool follows(int fd, off_t size, uint64_t number)
{
  char tail[TAIL];
  uint64_t last;
  size_t len = size < TAIL ? (size_t)size : TAIL;
  if (pread(fd, tail, len, size - (off_t)len) != (ssize_t)len) return false;
  struct field line = last_line(tail, len);
  size_t digits = number_scan(line.s, line.len, &last);
  /* the head is no line of a message */
  if (!line.len) return len == (size_t)size && len && tail[len - 1] == '\n' && memchr(tail, '\n', len) == tail + len - 1;
  return digits && digits < line.len && line.s[digits] == ':' && last < number;
}

static bool append(int fd, struct crossing const *c, bool is_new, struct field line)
{
  stralloc text = STRALLOC_ZERO;
  if (is_new) text_addb(&text, c->head.s, c->head.len);
  text_addb(&text, line.s, line.len);
  bool done = allwrite(fd, text.s, text.len) == text.len;
  stralloc_free(&text);
  return done;
}

/* Whether the line stands at its place in a file that is whole. */
static bool has_line(int fd, off_t size, uint64_t number, struct field line)
{
  stralloc there = STRALLOC_ZERO;
  char end;
  off_t const at = numbered_lines_find(fd, size, number);
  text_room(&there, line.len);
  bool const has = at > 0 && pread(fd, &end, 1, size - 1) == 1 && end == '\n' && pread(fd, there.s, line.len, at) == (ssize_t)line.len
                && !memcmp(there.s, line.s, line.len);
  stralloc_free(&there);
  return has;
}

/* Appends the lines with the new one at its place. */
static void merge(stralloc *to, struct crossing const *c, struct field old, uint64_t number, struct field line)
{
  bool is_in = false;
  text_addb(to, c->head.s, c->head.len);
  while (old.len) {
    char const *newline = memchr(old.s, '\n', old.len);
    size_t len = newline ? (size_t)(newline - old.s) + 1 : old.len;
    uint64_t n;
    size_t digits = number_scan(old.s, len, &n);
    bool is_message = newline && digits && old.s[digits] == ':';
    if (is_message && n > number && !is_in) text_addb(to, line.s, line.len), is_in = true;
    if (is_message && n != number) text_addb(to, old.s, len);
    old.s += len;
    old.len -= len;
  }
  if (!is_in) text_addb(to, line.s, line.len);
}

static bool rewrite(char const *path, int fd, off_t size, struct crossing const *c, uint64_t number, struct field line)
{
  char aside[80];
  stralloc old = STRALLOC_ZERO, text = STRALLOC_ZERO;
  struct replacement r;
  if (size > CROSSING_MAX) return errno = EFBIG, false;
  text_room(&old, (size_t)size + 1);
  ssize_t got = pread(fd, old.s, (size_t)size, 0);
  if (got == -1) return stralloc_free(&old), false;
  merge(&text, c, (struct field){ old.s, (size_t)got }, number, line);
  snprintf(aside, sizeof aside, "%s.new", path);
  bool done = replace_begin(&r, path, aside, 0644) && replace_write(&r, text.s, text.len) && replace_commit(&r);
  stralloc_free(&old), stralloc_free(&text);
  return done;
}

static int open_file(char const *path)
{
  return open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

/* Its directories are made where they are missing. */
static int open_crossing(struct crossing const *c, char path[64])
{
  char above[64];
  snprintf(path, 64, "archive/%s/%.2s/%.*s", c->directory, c->hash.s, SURF_LETTERS - 2, c->hash.s + 2);
  int const fd = open_file(path);
  if (fd != -1 || errno != ENOENT) return fd;
  snprintf(above, sizeof above, "archive/%s", c->directory);
  if (!directory_there(above)) return -1;
  snprintf(above, sizeof above, "archive/%s/%.2s", c->directory, c->hash.s);
  return directory_there(above) ? open_file(path) : -1;
}

bool crossing_put(struct crossing const *c, uint64_t number, struct field line, char path[64])
{
  struct stat st;
  int const fd = open_crossing(c, path);
  if (fd == -1 || fstat(fd, &st) == -1) return false;
  bool simple = !st.st_size || follows(fd, st.st_size, number);
  bool done = simple ? append(fd, c, !st.st_size, line) : has_line(fd, st.st_size, number, line) || rewrite(path, fd, st.st_size, c, number, line);
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}
