#include "bytes.h"
#include "moved.h"
#include "nameset.h"

static int add(stralloc *to, struct field address)
{
  size_t len = address.len < MOVED_MAX ? address.len : MOVED_MAX;
  if (!bytes_room(to, len)) return 0;
  for (size_t i = 0; i < len; i++) {
    char c = address.s[i];
    to->s[to->len++] = c < ' ' || c > '~' ? '?' : c;
  }
  return 1;
}

int moved_sentence(stralloc *to, struct field address, struct field now)
{
  return bytes_add(to, "<") && add(to, address) && bytes_add(to, "> has moved to <") && add(to, now) && bytes_add(to, ">");
}

/* Of equal names the last line wins, as in every such file. */
bool moved_find(struct field *now, char const *s, size_t len, struct field address)
{
  struct nameset_line line;
  bool found = false;
  for (size_t at = 0; nameset_line_next(&line, s, len, &at, true); ) {
    if (line.name_len != address.len || !nameset_same(line.name, address.s, address.len)) continue;
    *now = (struct field){ line.value, line.value_len };
    found = true;
  }
  return found;
}
