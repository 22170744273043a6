#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "server_file.h"

struct server_file_rule server_file_of_vpopmail(uid_t uid, gid_t gid)
{
  return (struct server_file_rule){
    uid, gid, "its owner is neither root nor vpopmail", "its group is not that of vpopmail: chgrp vchkpw, chmod 640",
    "others than root and the group of vpopmail may read or change it: chmod 640"
  };
}

static char const *fault_of(struct stat const *st, struct server_file_rule const *rule)
{
  if (!S_ISREG(st->st_mode)) return "it is no file";
  if (st->st_uid != 0 && st->st_uid != rule->uid) return rule->other_owner;
  if (st->st_mode & 027) return rule->is_open;
  if (st->st_mode & 040 && st->st_gid != rule->gid) return rule->other_group;
  return st->st_size < SERVER_LINE_MAX ? 0 : "it is too long";
}

static bool read_open(struct server_file *to, char const **fault, int fd, struct server_file_rule const *rule)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return *fault = strerror(errno), false;
  *fault = fault_of(&st, rule);
  if (*fault) return errno = EPROTO, false;
  errno = 0;
  to->len = allread(fd, to->text, sizeof to->text);
  if (errno) *fault = strerror(errno);
  return !*fault;
}

bool server_file_read(struct server_file *to, char const **fault, char const *path, struct server_file_rule const *rule)
{
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1) return *fault = strerror(errno), false;
  bool done = read_open(to, fault, fd, rule);
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}
