/* An mbox: its messages lie in it one behind the other, each ends where the next begins, and what is quoted anew and put
   together again has the same messages. */

#include "fuzz.h"

#include "mbox_message.h"
#include "mbox_quote.h"
#include "bytes.h"

static void put(void *to, char const *s, size_t len)
{
  assert(bytes_addb(to, s, len));
}

static void add(stralloc *box, struct field plain)
{
  struct mbox_quote q = { .put = put, .to = box };
  put(box, "From a Thu Jan  1 00:00:01 1970\n", 32);
  mbox_quote_feed(&q, plain.s, plain.len);
  mbox_quote_end(&q);
  put(box, "\n", 1);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc box = STRALLOC_ZERO, plain = STRALLOC_ZERO, again = STRALLOC_ZERO;
  struct mbox_message m, n;
  char const *s = (char const *)data, *end = s;
  size_t at = 0, there = 0;
  box.len = 0;
  while (mbox_next(&m, s, size, &at) == MBOX_MESSAGE) {
    assert(m.text.s >= end && m.text.s + m.text.len <= s + at && at <= size);
    end = m.text.s + m.text.len;
    plain.len = box.len = 0;
    assert(mbox_unquote(&plain, m.text) && plain.len <= m.text.len);
    add(&box, (struct field){ plain.s, plain.len });
    add(&box, (struct field){ "x", 1 });
    there = again.len = 0;
    assert(mbox_next(&n, box.s, box.len, &there) == MBOX_MESSAGE && mbox_unquote(&again, n.text));
    bool ended = !plain.len || plain.s[plain.len - 1] == '\n';
    assert(again.len == plain.len + !ended && (!plain.len || !memcmp(again.s, plain.s, plain.len)));
    assert(mbox_next(&n, box.s, box.len, &there) == MBOX_MESSAGE && mbox_next(&n, box.s, box.len, &there) == MBOX_END);
  }
  return 0;
}
