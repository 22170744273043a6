/* /etc/aliases: each line stays, or becomes a comment; names have no NUL. */

#include "fuzz.h"

#include "systems.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct harvest h;
  h.aliases.len = h.includes.len = h.alias_names.len = h.left.len = 0;
  import_alias_text(&h, "/etc/aliases", (struct field){ (char const *)data, size });
  assert(h.aliases.len >= size && (!h.aliases.len || h.aliases.s[h.aliases.len - 1] == '\n'));
  assert(!h.alias_names.len || !h.alias_names.s[h.alias_names.len - 1]);
  assert(times(h.aliases.s, h.aliases.len, "\n") - times((char const *)data, size, "\n") <= 1);
  return 0;
}
