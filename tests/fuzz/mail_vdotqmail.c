/* A virtual user's .qmail file: what is judged is what is obeyed. */

#include "fuzz.h"

#include "vdotqmail.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct vdotqmail_verdict v = vdotqmail_judge(in.s, in.len);
  struct instruction line;
  size_t n = 0, at = 0, before = 0;
  for (; vdotqmail_next(&line, in.s, in.len, &at); n++, before = at) {
    assert(at > before && at <= in.len + 1);
    assert(line.text >= in.s + before && line.text + line.len <= in.s + in.len);
    assert(line.kind == INSTRUCTION_PROGRAM || line.kind == INSTRUCTION_MAILDIR || line.kind == INSTRUCTION_MBOX
           || line.kind == INSTRUCTION_FORWARD);
    assert(line.line_len && line.line[0] != '#');
    if (line.kind == INSTRUCTION_MBOX || (line.kind == INSTRUCTION_FORWARD && !line.len)) assert(v.fault && v.instructions <= n + 1);
  }
  assert(v.fault ? v.line && v.instructions <= n : !v.line && v.instructions == n);
  assert(v.line <= 1 + times(in.s, in.len, "\n"));
  return 0;
}
