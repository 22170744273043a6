/* What qmail-send and the spawners say to each other: a byte that tells which of them, then the bytes of a
   pipe. What was understood is packed into the same bytes, and no beginning of it is taken for the whole. */

#include "fuzz.h"

#include "delivery_wire.h"

static void command(struct part in)
{
  static struct wire_command c;
  static stralloc again = STRALLOC_ZERO;
  long n = wire_command_unpack(&c, in.s, in.len);
  if (n <= 0) return;
  assert((size_t)n <= in.len && n <= WIRE_COMMAND_MAX && (c.count || wire_is_end(&c)) && c.count <= WIRE_RECIPIENTS_MAX);
  again.len = 0;
  assert(wire_command_pack(&again, &c));
  assert(same_bytes(again.s, again.len, in.s, (size_t)n));
  assert(wire_command_unpack(&c, in.s, (size_t)n - 1) == 0);
}

static void report(struct part in)
{
  static struct wire_report r;
  static stralloc again = STRALLOC_ZERO;
  long n = wire_report_unpack(&r, in.s, in.len);
  if (n <= 0) return;
  assert((size_t)n <= in.len && r.len <= WIRE_REPORT_MAX);
  again.len = 0;
  assert(wire_report_pack(&again, &r));
  assert(same_bytes(again.s, again.len, in.s, (size_t)n));
  assert(wire_report_unpack(&r, in.s, (size_t)n - 1) == 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  if (part_byte(&in) == 'c') command(in);
  else report(in);
  return 0;
}
