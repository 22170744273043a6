/* A line of a .qmail file, a newline, a table: words lie in the text; and the bytes of a table are found or refused. */

#include "fuzz.h"

#include "fastforward_line.h"
#include "forward_table.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct fastforward_line line;
  struct part in = whole(data, size), text = part_before(&in, '\n');
  struct field value = { 0, 0 }, table = { in.s, in.len }, one;
  if (fastforward_line_parse(&line, text.s, text.len)) {
    assert(line.table > line.program && line.table < line.text + sizeof line.text && *line.table);
    assert(strlen(line.table) + strlen(line.program) < text.len);
  }
  if (forward_table_find_any(&value, table, FORWARD_INSTRUCTIONS, (struct field){ text.s, text.len }) == 1)
    for (size_t at = 0; forward_entry_next(&one, value, &at);) assert(one.s >= in.s && one.s + one.len <= in.s + in.len);
  return 0;
}
