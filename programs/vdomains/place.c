#include <string.h>

#include "place.h"

bool place_is_below(char const *dir, char const *directory)
{
  size_t const len = strlen(directory);
  return strncmp(dir, directory, len) == 0 && dir[len] == '/';
}

size_t place_domains(char const *dir)
{
  static char const domains[] = "/domains/";
  char const *last = 0;
  for (char const *at = dir; (at = strstr(at, domains)); at++) last = at;
  return last ? (size_t)(last - dir) + sizeof domains - 2 : 0;
}
