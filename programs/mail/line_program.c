#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line_program.h"
#include "mark.h"

enum { PATH_BYTES = 1024 };

static struct own { char const *name; line_program *run; struct stat known; } programs[] = {
  { .name = "bouncesaying", .run = line_bouncesaying },
  { .name = "condredirect", .run = line_condredirect },
  { .name = "except",       .run = line_except },
  { .name = "forward",      .run = line_forward },
  { .name = "preline",      .run = line_preline },
};

static struct own *own_of(char const *name)
{
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
    if (!strcmp(name, programs[i].name)) return &programs[i];
  return 0;
}

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
line_program *line_program_for(char const *const *words)
{
  char path[PATH_BYTES];
  char const *slash = strrchr(words[0], '/');
  struct own *own = own_of(slash ? slash + 1 : words[0]);
  if (!own || (slash ? words[0][0] != '/' : !find(path, own->name))) return 0;
  return mark_is_kept(&own->known, slash ? words[0] : path, own->name) ? own->run : 0;
}
