/* A .qmail file: what is forwarded to, run or filled when no line is a slip. */

#include "fuzz.h"

#include "slips.h"

static void forward_is_an_address(struct instruction const *in)
{
  char const *at = memrchr(in->text, '@', in->len);
  assert(in->len && !memchr(" \t<(\"'\\", in->text[0], 7) && in->text[in->len - 1] != '\r');
  assert(!holds(in->text, in->len, '<') && !holds(in->text, in->len, ',') && !holds(in->text, in->len, '\n'));
  assert(!at || (at + 1 < in->text + in->len && !holds(at, (size_t)(in->text + in->len - at), ' ')));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part file = whole(data, size);
  struct instruction in;
  for (size_t at = 0; instruction_next(&in, file.s, file.len, &at);) {
    if (slip_of(&in)) continue;
    if (in.kind == INSTRUCTION_FORWARD) forward_is_an_address(&in);
    if (in.kind == INSTRUCTION_PROGRAM) assert(in.len);
    assert(!in.line_len || in.line[0] == '#' || in.line[in.line_len - 1] != '\r');
  }
  return 0;
}
