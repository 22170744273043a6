/* A byte that says whether keys end with colons, and a table: keys and values lie in the line, and so do the parts of a value. */

#include "fuzz.h"

#include "map_lines.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct map_lines m = { .colons = part_byte(&in) & 1, .in = { in.s, in.len } };
  while (map_lines_next(&m)) {
    struct field rest = m.value;
    assert(m.key.s >= m.text.s && m.key.s + m.key.len <= m.text.s + m.text.len);
    assert(m.value.s >= m.key.s + m.key.len && m.value.s + m.value.len <= m.text.s + m.text.len);
    for (struct field f; (f = map_value_next(&rest)).len;) assert(f.s + f.len <= m.value.s + m.value.len);
    assert(!rest.len);
  }
  stralloc_free(&m.text);
  return 0;
}
