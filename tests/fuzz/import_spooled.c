/* A byte for the system, and a file of its queue: recipients are whole, and what is done is not among them. */

#include "fuzz.h"

#include "spooled.h"
#include "text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct spooled m;
  struct part in = whole(data, size);
  unsigned kind = part_byte(&in) % 3;
  struct part first = part_before(&in, 1);
  struct field file = { first.s, first.len }, journal = { in.s, in.len };
  bool good = kind == 0 ? spooled_read_exim(&m, file, journal) : kind == 1 ? spooled_read_sendmail(&m, file) : spooled_read_postfix(&m, file);
  assert(good == !m.fault);
  assert(!m.recipients.len || !m.recipients.s[m.recipients.len - 1]);
  assert(!holds(m.sender.s, m.sender.len, 0) && !holds(m.sender.s, m.sender.len, '\n'));
  assert(m.header.len <= size + 1);
  for (size_t at = 0; good && kind == 0 && at < m.recipients.len; at += strlen(m.recipients.s + at) + 1) {
    struct part rest = { journal.s, journal.len };
    while (rest.len) {
      struct part line = part_before(&rest, '\n');
      assert(!same_bytes(line.s, line.len, m.recipients.s + at, strlen(m.recipients.s + at)));
    }
  }
  return 0;
}
