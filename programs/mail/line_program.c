#include <string.h>
#include <sys/stat.h>

#include "line_own.h"
#include "line_program.h"

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

line_program *line_program_for(char const *const *words)
{
  char const *slash = strrchr(words[0], '/');
  struct own *own = own_of(slash ? slash + 1 : words[0]);
  return own && line_own(&own->known, own->name, words[0]) ? own->run : 0;
}
