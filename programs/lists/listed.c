#include <string.h>
#include <strings.h>

#include "listed.h"

bool name_listed(stralloc const *names, struct field name)
{
  for (size_t at = 0, len; at < names->len; at += len + 1) {
    len = strlen(names->s + at);
    if (len == name.len && !strncasecmp(names->s + at, name.s, len)) return true;
  }
  return false;
}

bool type_listed(stralloc const *names, struct field type)
{
  char const *slash = type.len ? memchr(type.s, '/', type.len) : 0;
  if (!type.len) return false;
  return name_listed(names, type) || (slash && name_listed(names, (struct field){ type.s, (size_t)(slash - type.s) }));
}

bool header_choice_keeps(struct header_choice const *choice, struct field name)
{
  return name_listed(&choice->names, name) == choice->keep;
}
