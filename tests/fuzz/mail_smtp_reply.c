/* What a server answers, reply after reply. */

#include "fuzz.h"

#include "smtp_reply.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct smtp_reply r;
  struct part in = whole(data, size);
  smtp_reply_start(&r);
  for (size_t i = 0; i < in.len; i++) {
    enum smtp_reply_state state = smtp_reply_take(&r, in.s[i]);
    assert(r.len <= SMTP_REPLY_TEXT_MAX && r.bytes <= SMTP_REPLY_BYTES_MAX + 1);
    if (state == SMTP_REPLY_MORE) continue;
    if (state == SMTP_REPLY_SENSELESS) return 0;
    assert(r.code >= 200 && r.code <= 599 && !holds(r.text, r.len, '\r') && !holds(r.text, r.len, 0));
    assert(smtp_reply_extensions(r.text, r.len) <= (SMTP_OFFERS_SIZE | SMTP_OFFERS_8BITMIME | SMTP_OFFERS_PIPELINING));
    smtp_reply_start(&r);
  }
  return 0;
}
