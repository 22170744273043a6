/* Threads of a month: what is written can be read, and stays as it is. A message more is a message more, or none. */

#include "fuzz.h"

#include "text.h"
#include "threads.h"

static void write_threads(stralloc *to, struct field text, uint64_t number)
{
  struct threads t = THREADS_ZERO;
  threads_read(&t, text);
  if (number) threads_add(&t, number, field_of("abcdefghijklmnopabcd"), field_of("x"));
  threads_write(to, &t);
  threads_forget(&t);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct field all = { (char const *)data, size };
  stralloc once = STRALLOC_ZERO, twice = STRALLOC_ZERO, more = STRALLOC_ZERO;
  unsigned month = threads_month(all);
  assert(!month || (month % 100 >= 1 && month % 100 <= 12 && month >= 197001 && month <= 999912));
  write_threads(&once, all, 0);
  write_threads(&twice, (struct field){ once.s, once.len }, 0);
  assert(same_bytes(once.s, once.len, twice.s, twice.len));
  write_threads(&more, (struct field){ once.s, once.len }, 42);
  assert(more.len >= once.len || !once.len);
  stralloc_free(&once), stralloc_free(&twice), stralloc_free(&more);
  return 0;
}
