/* The file of a vacation, below the subject of a message: what is sent is no longer than both allow, and only on lines that were
   there. */

#include "fuzz.h"

#include "vacation_text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct vacation_text t = { .text = STRALLOC_ZERO };
  struct part in = whole(data, size), subject = part_before(&in, 0);
  vacation_text_read(&t, (struct field){ in.s, in.len }, (struct field){ subject.s, subject.len });
  size_t count = times(in.s, in.len, "$SUBJECT");
  assert(t.text.len <= in.len + count * VACATION_SUBJECT_MAX && t.days <= 10000);
  assert(times(t.text.s, t.text.len, "\n") <= times(in.s, in.len, "\n"));
  assert(strlen(t.starts) % (VACATION_DATE - 1) == 0 && strlen(t.ends) % (VACATION_DATE - 1) == 0);
  return 0;
}
