/* What a server answers, reply after reply. */

#include "fuzz.h"

#include "remote_reply.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct reply r;
  struct part in = whole(data, size);
  reply_start(&r);
  for (size_t i = 0; i < in.len; i++) {
    enum reply_state state = reply_take(&r, in.s[i]);
    assert(r.len <= REPLY_TEXT_MAX && r.bytes <= REPLY_BYTES_MAX + 1);
    if (state == REPLY_MORE) continue;
    if (state == REPLY_SENSELESS) return 0;
    assert(r.code >= 200 && r.code <= 599 && !holds(r.text, r.len, '\r') && !holds(r.text, r.len, 0));
    assert(reply_extensions(r.text, r.len) <= (OFFERS_SIZE | OFFERS_8BITMIME | OFFERS_PIPELINING));
    reply_start(&r);
  }
  return 0;
}
