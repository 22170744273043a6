/* fuzz: what the targets share. A target feeds one parser; a rule that does not hold is an assert and ends it like
   any other crash. */

#ifndef MAILTREE_FUZZ_H
#define MAILTREE_FUZZ_H

#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

struct part { char const *s; size_t len; };

static inline struct part whole(uint8_t const *data, size_t size)
{
  return (struct part){ (char const *)data, size };
}

/* Takes what stands before the separator; all that is left when there is none. */
static inline struct part part_before(struct part *rest, char separator)
{
  char const *end = rest->len ? memchr(rest->s, separator, rest->len) : 0;
  struct part p = { rest->s, end ? (size_t)(end - rest->s) : rest->len };
  rest->s += p.len + (end != 0);
  rest->len -= p.len + (end != 0);
  return p;
}

/* Takes one byte; 0 when nothing is left. */
static inline unsigned part_byte(struct part *rest)
{
  if (!rest->len) return 0;
  rest->len--;
  return (unsigned char)*rest->s++;
}

static inline bool same_bytes(char const *a, size_t a_len, char const *b, size_t b_len)
{
  return a_len == b_len && (!a_len || !memcmp(a, b, a_len));
}

static inline bool holds(char const *s, size_t len, char c)
{
  return len && memchr(s, c, len);
}

static inline size_t times(char const *s, size_t len, char const *needle)
{
  size_t count = 0, n = strlen(needle);
  for (size_t i = 0; i + n <= len; i++) count += !memcmp(s + i, needle, n);
  return count;
}

/* ---- files whose bytes are the input ---- */

static inline int file_new(void)
{
  int fd = memfd_create("input", 0);
  assert(fd != -1);
  return fd;
}

static inline void file_fill(int fd, char const *s, size_t len)
{
  assert(ftruncate(fd, 0) == 0);
  assert(pwrite(fd, s, len, 0) == (ssize_t)len);
  assert(lseek(fd, 0, SEEK_SET) == 0);
}

static char place[] = "/dev/shm/mailtree-fuzz-XXXXXX";

static inline void place_remove(void)
{
  char command[sizeof place + 16];
  snprintf(command, sizeof command, "rm -rf %s", place);
  if (chdir("/") == -1 || system(command) == -1) perror(place);
}

/* Makes a directory of its own the working directory, with one directory in it. */
static inline void place_enter(char const *directory)
{
  assert(mkdtemp(place) && chdir(place) == 0 && mkdir(directory, 0700) == 0);
  atexit(place_remove);
}

/* Gives the file a name there. */
static inline void place_file(char const *name, int fd)
{
  char target[32];
  snprintf(target, sizeof target, "/proc/self/fd/%d", fd);
  assert(symlink(target, name) == 0);
}

#endif
