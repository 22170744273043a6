/* place: a directory of a domain for a test. */

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

static char place[] = "/tmp/vdomains-XXXXXX";
static int place_fd;

static int place_enter(void **state)
{
  (void)state;
  strcpy(place, "/tmp/vdomains-XXXXXX");
  if (!mkdtemp(place) || chdir(place) == -1) return -1;
  place_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return place_fd == -1;
}

static int place_leave(void **state)
{
  (void)state;
  close(place_fd);
  return chdir("/") == -1 || rm_rf(place) == -1;
}

static inline void place_write(char const *name, char const *text)
{
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  close(fd);
}

static inline void place_expect(char const *name, char const *text)
{
  static char is[65536];
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  assert_true(fd != -1);
  ssize_t r = read(fd, is, sizeof is - 1);
  assert_true(r >= 0);
  is[r] = 0;
  close(fd);
  assert_string_equal(is, text);
}

static inline bool place_has(char const *name)
{
  struct stat st;
  return lstat(name, &st) == 0;
}
