/* What begins a file in a Maildir, and what a client says of it: a prefix, NUL, text. */

#include "fuzz.h"

#include "serial_head.h"
#include "serial_result.h"

static void head(struct part in)
{
  struct part first = part_before(&in, 0);
  struct serial_head h;
  char *prefix = strndup(first.len ? first.s : "", first.len);
  if (serial_head_read(&h, in.s, in.len, prefix) == SERIAL_HEAD_OK) {
    assert(h.len <= in.len && in.s[h.len - 1] == '\n' && times(in.s, h.len, "\n") == 2 && !holds(in.s, h.len, 0));
    assert(h.sender.s + h.sender.len < h.recipient.s && h.recipient.s + h.recipient.len + 1 == in.s + h.len);
    assert(same_bytes(h.recipient.s - strlen(prefix), strlen(prefix), prefix, strlen(prefix)));
  }
  free(prefix);
}

static void results(struct part in)
{
  struct serial_result r;
  for (long n; (n = serial_result_read(&r, in.s, in.len)) > 0; in.s += n, in.len -= (size_t)n) {
    assert((size_t)n <= in.len && in.s[n - 1] == '\n' && strchr("KZD", r.status));
    assert(strlen(r.name) + r.text.len + 3 == (size_t)n && !holds(r.text.s, r.text.len, '\n'));
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  head(whole(data, size));
  results(whole(data, size));
  return 0;
}
