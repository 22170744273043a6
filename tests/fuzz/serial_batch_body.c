/* The text of a message in a batch: cut anywhere it is the same, and what smtp_body makes of the result comes back. */

#include "fuzz.h"

#include "batch_body.h"
#include "smtp_body.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  size_t cut = part_byte(&in), used, more = 0;
  char *text = malloc(2 * in.len + 1), *pieces = malloc(2 * in.len + 1);
  enum batch_body_state at = BATCH_LINE_START, again = BATCH_LINE_START;
  if (cut > in.len) cut = in.len;
  size_t n = batch_body_decode(&at, text, in.s, in.len, &used);
  assert(used <= in.len && n <= 2 * in.len && (at == BATCH_BODY_DONE || used == in.len));
  size_t m = batch_body_decode(&again, pieces, in.s, cut, &more);
  if (again != BATCH_BODY_DONE) {
    size_t first = more;
    m += batch_body_decode(&again, pieces + m, in.s + cut, in.len - cut, &more);
    more += first;
  }
  assert(again == at && more == used && same_bytes(text, n, pieces, m));

  enum smtp_body_state there = BODY_LINE_START;
  char *wire = malloc(SMTP_BODY_GROWTH * n + SMTP_BODY_END_MAX), *back = malloc(2 * (SMTP_BODY_GROWTH * n + SMTP_BODY_END_MAX));
  size_t len = smtp_body_encode(&there, wire, text, n);
  len += smtp_body_finish(there, wire + len);
  at = BATCH_LINE_START;
  size_t back_len = batch_body_decode(&at, back, wire, len, &used);
  assert(at == BATCH_BODY_DONE && used == len && !holds(back, back_len, '\r') && back_len <= n + 1);
  free(text), free(pieces), free(wire), free(back);
  return 0;
}
