/* What qmail-usersd is asked and says: a byte that tells which of them, then bytes. What was understood is packed into the
   same bytes, and no beginning of it is taken for the whole. */

#include "fuzz.h"

#include "users_wire.h"

static void question(struct part in)
{
  static char again[USERS_QUESTION_MAX];
  struct users_question q, other;
  long n = users_question_unpack(&q, in.s, in.len);
  if (n <= 0) return;
  assert((size_t)n <= in.len && n <= USERS_QUESTION_MAX);
  assert(same_bytes(again, users_question_pack(again, &q), in.s, (size_t)n));
  assert(users_question_unpack(&other, in.s, (size_t)n - 1) == 0);
}

static void answer(struct part in)
{
  static char again[USERS_ANSWER_MAX];
  struct users_answer a, other;
  long n = users_answer_unpack(&a, in.s, in.len);
  if (n <= 0) return;
  assert((size_t)n <= in.len && n <= USERS_ANSWER_MAX);
  assert(same_bytes(again, users_answer_pack(again, &a), in.s, (size_t)n));
  assert(users_answer_unpack(&other, in.s, (size_t)n - 1) == 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  if (part_byte(&in) == 'q') question(in);
  else answer(in);
  return 0;
}
