/* A line of control/genericfrom, a byte 1, and a sender: he is replaced by what has an @, or stays. As a header it keeps its lines, and
   all of them where there is no map. */

#include "fuzz.h"

#include "generic.h"
#include "text.h"

static void rename_in_header(struct part header, struct nameset const *map, struct nameset const *locals)
{
  static struct nameset const nothing = NAMESET_ZERO;
  static stralloc renamed = STRALLOC_ZERO, same = STRALLOC_ZERO;
  renamed.len = same.len = 0;
  generic_rename(&same, header.s, header.len, &nothing, locals);
  assert(same_bytes(same.s, same.len, header.s, header.len));
  generic_rename(&renamed, header.s, header.len, map, locals);
  assert(times(renamed.s, renamed.len, "\n") <= times(header.s, header.len, "\n"));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size), lines = part_before(&in, 1);
  struct nameset map = NAMESET_ZERO, locals = NAMESET_ZERO;
  stralloc address = STRALLOC_ZERO;
  assert(nameset_map(&map, lines.s, lines.len) && nameset_list(&locals, "a.example", 9));
  text_setb(&address, in.s, in.len);
  bool replaced = generic_find(&address, &map, &locals);
  if (replaced) assert(holds(address.s + 1, address.len - 1, '@') && address.s[address.len - 1] != '@');
  else assert(same_bytes(address.s, address.len, in.s, in.len));
  rename_in_header(in, &map, &locals);
  stralloc_free(&address);
  nameset_free(&map);
  nameset_free(&locals);
  return 0;
}
