/* Rules that were cleaned are clean: read again they stay as they are, and nothing is wrong with them. The input is the
   text; a leading byte of 1, 2, 4 says what the listener learns. */

#include "fuzz.h"

#include "rules.h"
#include "text.h"

static struct findings findings;

static void forget(void)
{
  for (size_t i = 0; i < findings.count; i++) {
    free((char *)findings.list[i].where);
    free((char *)findings.list[i].text);
  }
  findings.count = 0;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc once = STRALLOC_ZERO, twice = STRALLOC_ZERO;
  struct part in = whole(data, size);
  unsigned learns = part_byte(&in);
  struct rule_listener listener = { .table = STRALLOC_ZERO, .names = learns & 1, .ident = learns & 2, .lists = learns & 4, .relays = learns & 8 };
  struct rules_place place = { "rules", learns & 8 ? 0 : &listener };
  once.len = twice.len = 0;
  bool good = rules_read(&once, &findings, &place, in.s, in.len);
  bool stops = false;
  for (size_t i = 0; i < findings.count; i++) stops |= findings.list[i].stops;
  assert(good != stops && (good || !once.len));
  forget();
  assert(rules_read(&twice, &findings, &place, once.s, once.len));
  assert(same_bytes(once.s, once.len, twice.s, twice.len));
  forget();
  return 0;
}
