#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line_own.h"
#include "mark.h"

enum { PATH_BYTES = 1024 };

/* The first of PATH that can be executed, as execvp finds it. False where there is none, or where it may depend on the working
   directory, or on what cannot be seen now. */
static bool find(char to[PATH_BYTES], char const *name)
{
  char const *path = getenv("PATH");
  while (path && *path == '/') {
    size_t len = strcspn(path, ":");
    int n = snprintf(to, PATH_BYTES, "%.*s/%s", (int)len, path, name);
    if (n < 0 || n >= PATH_BYTES) return false;
    if (access(to, X_OK) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) return false;
    path += len + (path[len] == ':');
  }
  return false;
}

/* Named by its path it is asked for by its last part; anybody may have put another program there. */
bool line_own(struct stat *known, char const *name, char const *word)
{
  char path[PATH_BYTES];
  bool has_slash = strchr(word, '/');
  if (has_slash ? *word != '/' : !find(path, name)) return false;
  return mark_is_kept(known, has_slash ? word : path, name);
}
