#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mark.h"
#include "usual_command.h"

static bool is_same(char const *a, char const *b)
{
  struct stat one, other;
  return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static bool is_found(char file[PATH_MAX], char const *command)
{
  char const *path = getenv("PATH");
  for (size_t n; path && *path; path += n + (path[n] == ':')) {
    n = strcspn(path, ":");
    int len = snprintf(file, PATH_MAX, "%.*s/%s", (int)n, path, command);
    if (len < PATH_MAX && access(file, X_OK) == 0) return true;
  }
  return false;
}

bool usual_command(char const *command, char const *place)
{
  char file[PATH_MAX];
  if (strchr(command, '/')) return is_same(command, place);
  return is_found(file, command) && is_same(file, place);
}

bool usual_own(char const *name)
{
  char file[PATH_MAX];
  return is_found(file, name) && mark_found(file, name);
}
