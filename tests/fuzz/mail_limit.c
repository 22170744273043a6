/* A line of control/limits, a question to qmail-limitd and its answer: what is one is written again to the same bytes, and what a
   line says lies in it. */

#include "fuzz.h"

#include "limit_line.h"
#include "limit_wire.h"

static void line(char const *s, size_t size)
{
  struct limit_line l;
  if (limit_line_read(&l, s, size)) return;
  assert(l.subject < LIMIT_SUBJECTS && l.what < LIMIT_WHATS && l.period < LIMIT_PERIODS && l.most <= LIMIT_MOST);
  assert(l.class.s >= s && l.class.s + l.class.len <= s + size);
  assert(l.name.s >= s && l.name.s + l.name.len <= s + size);
  assert(l.is_free || l.subject == LIMIT_ADDRESS || l.what != LIMIT_CONNECTIONS);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char again[LIMIT_ANSWER_MAX];
  char const *s = (char const *)data;
  struct limit_question q;
  struct limit_answer a;
  line(s, size);
  long n = limit_question_unpack(&q, s, size);
  assert(n >= -1 && n <= (long)size);
  if (n > 0) assert(limit_question_pack(again, &q) == (size_t)n && !memcmp(again, s, (size_t)n));
  n = limit_answer_unpack(&a, s, size);
  assert(n >= -1 && n <= (long)size);
  if (n > 0) assert(limit_answer_pack(again, &a) == (size_t)n && !memcmp(again, s, (size_t)n));
  return 0;
}
