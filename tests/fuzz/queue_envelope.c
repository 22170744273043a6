/* The envelope as injectors hand it to qmail-queue: a byte for the pieces it arrives in, the bytes. Events
   and addresses do not depend on the pieces, and what is understood makes a valid envelope of a queue file.
   */

#include "bytes.h"
#include "fuzz.h"

#include "envelope_extra.h"
#include "envelope_input.h"

static bool adds_record(enum envelope_event event)
{
  return event == ENVELOPE_SENDER || event == ENVELOPE_RECIPIENT || event == ENVELOPE_EXTRA;
}

/* The last event; records of what was understood go to *records. */
static enum envelope_event take(stralloc *records, struct part in, size_t piece)
{
  static struct envelope_input e;
  enum envelope_event event = ENVELOPE_MORE;
  e = (struct envelope_input)ENVELOPE_INPUT_ZERO;
  records->len = 0;
  for (size_t i = 0; i < in.len; i += piece) {
    size_t n = in.len - i < piece ? in.len - i : piece, at = 0;
    while (adds_record(event = envelope_take(&e, in.s + i, n, &at))) {
      assert(at <= n && e.len <= QUEUE_ADDRESS_MAX);
      if (event == ENVELOPE_EXTRA) assert(extra_fits(e.letter, e.address, e.len));
      assert(bytes_addc(records, event == ENVELOPE_SENDER ? 'F' : event == ENVELOPE_RECIPIENT ? 'T' : e.letter));
      assert(bytes_addb(records, e.address, e.len) && bytes_end(records));
    }
    if (event != ENVELOPE_MORE) return event;
  }
  return event;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc one = STRALLOC_ZERO, many = STRALLOC_ZERO;
  struct part in = whole(data, size);
  size_t piece = 1 + part_byte(&in);
  enum envelope_event event = take(&one, in, in.len + 1);
  assert(take(&many, in, piece) == event && same_bytes(one.s, one.len, many.s, many.len));
  if (event == ENVELOPE_END) assert(queue_envelope_valid(one.s, one.len));
  return 0;
}
