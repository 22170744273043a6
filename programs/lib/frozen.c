#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "frozen.h"
#include "home.h"

#define PLACE HOME "/frozen/accounts/"

int frozen(struct field name)
{
  char path[sizeof PLACE + FROZEN_NAME_MAX] = PLACE, *end = path + sizeof PLACE - 1;
  if (!name.len || name.len > FROZEN_NAME_MAX || *name.s == '.' || memchr(name.s, '/', name.len) || memchr(name.s, 0, name.len)) return 0;
  for (size_t i = 0; i < name.len; i++) *end++ = (char)(name.s[i] >= 'A' && name.s[i] <= 'Z' ? name.s[i] + 'a' - 'A' : name.s[i]);
  *end = 0;
  if (access(path, F_OK) == 0) return 1;
  return errno == ENOENT ? 0 : -1;
}
