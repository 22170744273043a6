/* Files of names and hashes: what is read is a piece of the text, and is read as the same when it is written. */

#include "fuzz.h"

#include "pairs.h"

static void check(struct pair const *pair)
{
  char line[PAIRS_LINE_MAX + 8];
  struct pair again;
  size_t at = 0;
  assert(pair->name.len && pair->hash.len && pair->name.len + pair->domain.len + pair->hash.len < PAIRS_LINE_MAX);
  assert(!holds(pair->name.s, pair->name.len, '@') && !holds(pair->hash.s, pair->hash.len, ':'));
  int len = snprintf(line, sizeof line, "%.*s%s%.*s:%.*s\n", (int)pair->name.len, pair->name.s, pair->domain.len ? "@" : "",
                     (int)pair->domain.len, pair->domain.s, (int)pair->hash.len, pair->hash.s);
  if ((size_t)len > PAIRS_LINE_MAX) return;
  assert(pairs_next(&again, line, (size_t)len, &at) == PAIR_FOUND && at == (size_t)len);
  assert(same_bytes(again.name.s, again.name.len, pair->name.s, pair->name.len));
  assert(same_bytes(again.domain.s, again.domain.len, pair->domain.s, pair->domain.len));
  assert(same_bytes(again.hash.s, again.hash.len, pair->hash.s, pair->hash.len));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct pair pair;
  enum pair_result r;
  size_t at = 0, was = 0;
  while ((r = pairs_next(&pair, (char const *)data, size, &at)) != PAIR_END) {
    assert(at > was && at <= size + 1);
    was = at;
    if (r == PAIR_FOUND) check(&pair);
  }
  return 0;
}
