/* Places whose file server is dead: who looks at one that stands in DEAD_PLACES, a list with colons, never comes back. */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_dead(char const *path)
{
  char const *places = getenv("DEAD_PLACES");
  for (size_t len; places && *places; places += len + (places[len] == ':')) {
    len = strcspn(places, ":");
    if (strlen(path) == len && !memcmp(path, places, len)) return true;
  }
  return false;
}

int stat(char const *path, struct stat *st)
{
  static int (*real)(char const *, struct stat *);
  while (is_dead(path)) pause();
  if (!real) real = (int (*)(char const *, struct stat *))dlsym(RTLD_NEXT, "stat");
  return real(path, st);
}
