/* A line that starts vdelivermail, put together from its parts, is the same; no part of it means anything to a shell. */

#include "fuzz.h"

#include "vdelivermail_line.h"

static void means_nothing(struct field f)
{
  assert(f.len);
  for (size_t i = 0; i < f.len; i++) assert(f.s[i] > ' ' && f.s[i] < 127 && !strchr("$`\\\"'|&;<>()*?[]{}#~!^", f.s[i]));
}

static bool same_field(struct field a, struct field b)
{
  return same_bytes(a.s, a.len, b.s, b.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct vdelivermail_line line, again;
  static char text[8192];
  if (!vdelivermail_line_parse(&line, in.s, in.len)) return 0;
  means_nothing(line.program);
  means_nothing(line.target);
  if (in.len > 4096) return 0;
  int len = sprintf(text, "|%.*s \"\" %s%.*s", (int)line.program.len, line.program.s,
                    line.action == VDELIVERMAIL_FORWARD_SAME ? "$EXT@" : "", (int)line.target.len, line.target.s);
  assert(vdelivermail_line_parse(&again, text, (size_t)len));
  assert(again.action == line.action && same_field(again.program, line.program) && same_field(again.target, line.target));
  return 0;
}
