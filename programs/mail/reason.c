#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "reason.h"

static struct { int error; char const *words; } const reasons[] = {
  { EACCES,       "access denied" },
  { EAGAIN,       "temporary failure" },
  { EBADF,        "file descriptor not open" },
  { EBUSY,        "device busy" },
  { EDQUOT,       "disk quota exceeded" },
  { EEXIST,       "file already exists" },
  { EFBIG,        "file too big" },
  { EINTR,        "interrupted system call" },
  { EINVAL,       "invalid argument" },
  { EIO,          "input/output error" },
  { EISDIR,       "is a directory" },
  { ELOOP,        "symbolic link loop" },
  { EMFILE,       "process cannot open more files" },
  { ENAMETOOLONG, "file name too long" },
  { ENFILE,       "system cannot open more files" },
  { ENOENT,       "file does not exist" },
  { ENOEXEC,      "exec format error" },
  { ENOMEM,       "out of memory" },
  { ENOSPC,       "out of disk space" },
  { ENOTDIR,      "not a directory" },
  { ENOTEMPTY,    "directory not empty" },
  { EPERM,        "permission denied" },
  { EPIPE,        "broken pipe" },
  { EROFS,        "read-only file system" },
  { ESTALE,       "stale NFS file handle" },
  { ETIMEDOUT,    "timed out" },
  { ETXTBSY,      "text busy" },
  { EXDEV,        "cross-device link" },
};

char const *reason(int error)
{
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].error == error) return reasons[i].words;
  return strerror(error);
}
