#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "homes.h"
#include "temporary.h"

enum { PERSON_FROM = 1000, SYSTEM_AGAIN_FROM = 60000, SYSTEM_AGAIN_TO = 65535 };

static char const nowhere[] = "/nonexistent";

bool uid_is_persons(uid_t uid)
{
  return uid >= PERSON_FROM && (uid < SYSTEM_AGAIN_FROM || uid > SYSTEM_AGAIN_TO);
}

static bool is_itself_or_parent(char const *name)
{
  return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static bool has_entries(DIR *list)
{
  for (struct dirent const *d; (d = readdir(list));)
    if (!is_itself_or_parent(d->d_name)) return true;
  return false;
}

/* Opening it may be what makes an automounter mount it, so that the owner is asked again. */
bool home_is_vacant(int dir, char const *path)
{
  struct stat st;
  int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = fd == -1 ? 0 : fdopendir(fd);
  if (!list) {
    if (fd != -1) fd_close(fd);
    return fstatat(dir, path, &st, 0) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0;
  }
  bool vacant = fstat(fd, &st) == 0 && st.st_uid == 0 && !has_entries(list);
  closedir(list);
  return vacant;
}

static bool is_by_design(char const *dir, uid_t uid)
{
  return !uid_is_persons(uid) || dir[0] != '/' || !strncmp(dir, nowhere, sizeof nowhere - 1);
}

static enum home_state state_of_other(char const *dir, uid_t uid)
{
  struct stat st;
  if (is_by_design(dir, uid)) return HOME_NONE;
  if (home_is_vacant(AT_FDCWD, dir)) {
    errno = 0;
    return HOME_AWAY;
  }
  if (stat(dir, &st) == -1) return HOME_AWAY;
  return st.st_uid == uid ? HOME_OWNED : HOME_NONE;
}

enum home_state home_state(char const *dir, uid_t uid)
{
  struct stat st;
  if (stat(dir, &st) == 0) return st.st_uid == uid ? HOME_OWNED : state_of_other(dir, uid);
  return !temporary(errno) && is_by_design(dir, uid) ? HOME_NONE : HOME_AWAY;
}
