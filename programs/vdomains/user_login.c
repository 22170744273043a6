#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/djbunix.h>

#include "dir_file.h"
#include "text.h"
#include "user_home.h"
#include "user_login.h"

enum { LAST_LOGIN_MAX = 256 };

static bool read_login(struct user_login *to, int fd, stralloc *space)
{
  struct stat st;
  if (fstat(fd, &st) == -1 || !dir_file_read_fd(space, fd, LAST_LOGIN_MAX)) return false;
  text_z(space);
  to->ip = (struct field){ space->s, strcspn(space->s, "\r\n") };
  bool never = to->ip.len == strlen(USER_HOME_NEVER) && memcmp(space->s, USER_HOME_NEVER, to->ip.len) == 0;
  *(never ? &to->made : &to->last) = st.st_mtime;
  return true;
}

bool user_login_find(struct user_login *to, int home, stralloc *space)
{
  *to = (struct user_login){ .last = 0 };
  space->len = 0;
  int fd = dir_file_open(home, USER_HOME_LOGIN);
  if (fd == -1) return errno == ENOENT;
  bool read = read_login(to, fd, space);
  fd_close(fd);
  return read;
}
