#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include <skalibs/djbunix.h>

#include "dir_file.h"
#include "home.h"
#include "list_file.h"
#include "text.h"

static char const *place_of(char const *variable, char const *usual)
{
  char const *said = getenv(variable);
  return said && *said ? said : usual;
}

char const *list_bin(void) { return place_of("EZMLM_BIN", HOME "/bin"); }
char const *list_etc(void) { return place_of("EZMLM_ETC", "/etc/ezmlm"); }

int list_file_read(stralloc *to, char const *path, size_t max)
{
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
  bool read = dir_file_read_fd(to, fd, max);
  fd_close(fd);
  return read ? 1 : errno == EISDIR ? 0 : -1;
}

bool list_file_path(stralloc *path, struct list const *l, enum list_place place, char const *name)
{
  if (place != PLACE_DEFAULT && !l) return false;
  if (place == PLACE_ELSEWHERE && !l->elsewhere.len) return false;
  path->len = 0;
  if (place == PLACE_ELSEWHERE) text_addx(path, &l->elsewhere), text_add(path, "/");
  if (place == PLACE_DEFAULT) text_add(path, list_etc()), text_add(path, "/default/");
  text_add(path, name);
  text_z(path);
  return true;
}

int list_file_find(stralloc *to, stralloc *path, struct list const *l, char const *name)
{
  for (enum list_place place = PLACE_LIST; place < LIST_PLACES; place++) {
    if (!list_file_path(path, l, place, name)) continue;
    int r = list_file_read(to, path->s, LIST_FILE_MAX);
    if (r) return r;
  }
  return 0;
}
