/* A .qmail file. */

#include "fuzz.h"

#include "instructions.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct instruction line;
  size_t at = 0, before = 0;
  while (instruction_next(&line, in.s, in.len, &at)) {
    assert(at > before && at <= in.len + 1);
    assert(line.text >= in.s + before && line.text + line.len <= in.s + in.len);
    assert(!holds(line.text, line.len, '\n') && !holds(line.text, line.len, 0));
    assert(line.line == in.s + before && line.text + line.len <= line.line + line.line_len);
    assert(line.kind != INSTRUCTION_BLANK_FIRST || before == 0);
    before = at;
  }
  return 0;
}
