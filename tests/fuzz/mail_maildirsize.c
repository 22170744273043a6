/* A ledger: what is added to a sound one is in its sum. Input: the text. */

#include "fuzz.h"

#include "maildirsize_text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char more[MAILDIRSIZE_MAX + 32];
  struct part in = whole(data, size);
  struct maildirsize_text t, longer;
  bool sound = maildirsize_text_parse(&t, in.s, in.len);
  assert(t.limit.bytes <= QUOTA_NUMBER_MAX && t.limit.messages <= QUOTA_NUMBER_MAX);
  if (!sound) return 0;
  assert(t.lines && t.lines <= in.len && in.s[in.len - 1] == '\n');
  assert(t.usage.bytes <= QUOTA_NUMBER_MAX && t.usage.messages <= QUOTA_NUMBER_MAX);
  struct maildirsize_times const times = { .now = 1000, .modified = 1000 };
  assert(maildirsize_text_holds(&t, &t.limit, 1, &times) == (t.lines == 1 || quota_fits(&t.limit, &t.usage, 1)));
  if (in.len > MAILDIRSIZE_MAX || t.usage.bytes > 1000000 || t.usage.messages > 1000000) return 0;
  memcpy(more, in.s, in.len);
  size_t added = (size_t)sprintf(more + in.len, "%zu 1\n-3 -1\n", size + 3);
  assert(maildirsize_text_parse(&longer, more, in.len + added));
  assert(longer.lines == t.lines + 2 && longer.usage.bytes == t.usage.bytes + size && longer.usage.messages == t.usage.messages);
  return 0;
}
