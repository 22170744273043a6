#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "usual_command.h"

static bool is_same(char const *a, char const *b)
{
  struct stat one, other;
  return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool usual_command(char const *command, char const *place)
{
  if (strchr(command, '/')) return is_same(command, place);
  char const *path = getenv("PATH");
  for (size_t n; path && *path; path += n + (path[n] == ':')) {
    char file[PATH_MAX];
    n = strcspn(path, ":");
    int len = snprintf(file, sizeof file, "%.*s/%s", (int)n, path, command);
    if (len < (int)sizeof file && access(file, X_OK) == 0) return is_same(file, place);
  }
  return false;
}
