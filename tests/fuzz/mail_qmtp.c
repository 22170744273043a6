/* What a server of QMTP answers, answer after answer. */

#include "fuzz.h"

#include "qmtp.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct qmtp_answer a;
  struct part in = whole(data, size);
  qmtp_answer_start(&a);
  for (size_t i = 0; i < in.len; i++) {
    enum qmtp_state state = qmtp_answer_take(&a, in.s[i]);
    assert(a.len <= QMTP_TEXT_MAX);
    if (state == QMTP_MORE) continue;
    if (state == QMTP_SENSELESS) return 0;
    assert(strchr("KZD", a.verdict) && !a.left);
    qmtp_answer_start(&a);
  }
  return 0;
}
