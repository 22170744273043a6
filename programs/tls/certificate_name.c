#include <string.h>

#include "certificate_name.h"

enum { LABEL_MAX = 63 };

static char small(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_of_label(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Labels with a dot between each two. */
static bool is_host(char const *s)
{
  size_t len = 0;
  for (; *s; s++) {
    if (*s == '.' ? !len : !is_of_label(*s)) return false;
    len = *s == '.' ? 0 : len + 1;
    if (len > LABEL_MAX) return false;
  }
  return len > 0;
}

bool certificate_name(char to[TLS_NAME_MAX + 1], char const *s, size_t len)
{
  if (len && s[len - 1] == '.') len--;
  if (!len || len > TLS_NAME_MAX || memchr(s, 0, len)) return false;
  for (size_t i = 0; i < len; i++) to[i] = small(s[i]);
  to[len] = 0;
  return is_host(to[0] == '*' && to[1] == '.' ? to + 2 : to);
}

size_t certificate_stem(char const *file)
{
  size_t len = strlen(file);
  if (*file == '.' || len <= 4 || strcmp(file + len - 4, ".pem") != 0) return 0;
  return len - 4;
}

size_t certificate_choose(struct certificate_for const *all, size_t count, char const *name, size_t none)
{
  char const *above = strchr(name, '.');
  size_t found = none;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(all[i].name, name) == 0) return all[i].certificate;
    bool is_for_all = above && all[i].name[0] == '*' && strcmp(all[i].name + 1, above) == 0;
    if (is_for_all && found == none) found = all[i].certificate;
  }
  return found;
}
