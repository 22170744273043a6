/* What is stored of passwords, but for those that cost time. */

#include "fuzz.h"

#include <strings.h>

#include "hash.h"

static bool mentions(struct part p, char const *word)
{
  for (size_t i = 0; i + strlen(word) <= p.len; i++)
    if (!strncasecmp(p.s + i, word, strlen(word))) return true;
  return false;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct part stored = part_before(&in, '\n');
  struct scram_stored scram;
  hash_is_old(HASH_YESCRYPT, stored.s, stored.len);
  hash_scram(&scram, stored.s, stored.len);
  if (!stored.len || stored.s[0] != '{') return 0;
  bool is_slow = holds(stored.s, stored.len, '$') || mentions(stored, "CRYPT") || mentions(stored, "SCRAM");
  bool opens_never = holds(stored.s, stored.len, '!') || holds(stored.s, stored.len, '*')
                  || stored.s[stored.len - 1] == '}';
  if (is_slow || opens_never) return 0;
  enum hash_result r = hash_verify(stored.s, stored.len, in.s, in.len);
  assert(r == HASH_RIGHT || r == HASH_WRONG || r == HASH_UNKNOWN);
  assert(r != HASH_RIGHT || in.len <= HASH_PASSWORD_MAX);
  return 0;
}
