#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "mark.h"

enum { PROGRAM_MAX = 64 << 20, MARK_MAX = 64 };   /* bytes; a larger file is not searched */

/* The text with the NUL behind it. It is put together here, so that no searcher holds the mark he looks for. */
static size_t text_of(char *text, char const *name)
{
  size_t prefix = strlen(MARK_TEXT), len = strlen(name);
  if (prefix + len >= MARK_MAX) return 0;
  memcpy(text, MARK_TEXT, prefix);
  memcpy(text + prefix, name, len + 1);
  return prefix + len + 1;
}

bool mark_found(char const *path, char const *name)
{
  char text[MARK_MAX];
  struct stat st;
  size_t len = text_of(text, name);
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return false;
  bool sound = len && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= PROGRAM_MAX;
  void *map = sound ? mmap(0, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  fd_close(fd);
  if (map == MAP_FAILED) return false;
  bool found = memmem(map, (size_t)st.st_size, text, len) != 0;
  munmap(map, (size_t)st.st_size);
  return found;
}
