/* A paragraph of a report, behind a byte for what was done: whatever it says, the group of fields that comes of it has one of
   each, and no line that begins another or is too long. */

#include "bytes.h"
#include "fuzz.h"
#include "status_text.h"

static void check(stralloc const *group)
{
  size_t column = 0;
  for (size_t i = 0; i < group->len; i++) {
    unsigned char c = (unsigned char)group->s[i];
    assert(c == '\n' || (c >= ' ' && c < 127));
    column = c == '\n' ? 0 : column + 1;
    assert(column < 998 || i < 4000);
  }
  assert(group->len && group->s[0] == '\n' && group->s[group->len - 1] == '\n');
  assert(times(group->s + 1, group->len - 1, "\n\n") == 0);
  assert(times(group->s, group->len, "\nFinal-Recipient: ") == 1 && times(group->s, group->len, "\nAction: ") == 1);
  assert(times(group->s, group->len, "\nStatus: ") == 1 && times(group->s, group->len, "\nRemote-MTA: ") <= 1);
  assert(times(group->s, group->len, "\nOriginal-Recipient: ") <= 1 && times(group->s, group->len, "\nDiagnostic-Code: ") <= 1);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc group = STRALLOC_ZERO;
  struct part in = whole(data, size);
  struct status s = { .action = (enum status_action)(part_byte(&in) % STATUS_ACTIONS) };
  struct part original = part_before(&in, 0);
  if (original.len > 500 || !status_of_paragraph(&s, in.s, in.len) || s.recipient.len > 900) return 0;
  s.original = (struct field){ original.s, original.len };
  group.len = 0;
  assert(status_add(&group, &s));
  check(&group);
  return 0;
}
