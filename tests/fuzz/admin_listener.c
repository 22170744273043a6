/* A run file, whatever is in it, names no table that does not stand there. Input: the text. */

#include "fuzz.h"

#include "rule_listener.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct rule_listener l = { .table = STRALLOC_ZERO };
  struct part in = whole(data, size);
  if (!rule_listener_read(&l, in.s, in.len)) return 0;
  assert(!l.table.len || memmem(in.s, in.len, l.table.s, l.table.len));
  assert(!holds(l.table.s, l.table.len, '\n') && memmem(in.s, in.len, "tcpserver", 9));
  return 0;
}
