/* What qmail-authd is asked, and what it says: what is one is written again to the same bytes. */

#include "fuzz.h"

#include "auth_wire.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char again[AUTH_ANSWER_MAX];
  char const *s = (char const *)data;
  struct auth_question q;
  struct auth_answer a;
  long n = auth_question_unpack(&q, s, size);
  assert(n >= -1 && n <= (long)size);
  if (n > 0) assert(auth_question_pack(again, &q) == (size_t)n && !memcmp(again, s, (size_t)n));
  n = auth_answer_unpack(&a, s, size);
  assert(n >= -1 && n <= (long)size);
  if (n > 0) assert(auth_answer_pack(again, &a) == (size_t)n && !memcmp(again, s, (size_t)n));
  return 0;
}
