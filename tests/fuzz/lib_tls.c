/* What the TLS service is asked and says, and what another server says: a byte that tells which, then bytes. What was
   understood is packed into the same bytes, no beginning of it is taken for the whole, and its lists are good. */

#include "fuzz.h"

#include "tls_ucspi.h"
#include "tls_wire.h"

static void lists(struct tls_question const *q)
{
  struct field names = q->names, tlsa = q->tlsa;
  char const *name;
  struct tls_tlsa r;
  char again[TLS_QUESTION_MAX];
  size_t count = 0, len = 0;
  while (tls_name_next(&names, &name)) assert(strlen(name) <= TLS_NAME_MAX && ++count <= TLS_NAMES);
  while (tls_tlsa_next(&tlsa, &r)) len += tls_tlsa_pack(again + len, sizeof again - len, &r);
  assert(!names.len && !tlsa.len && same_bytes(again, len, q->tlsa.s, q->tlsa.len));
}

static void question(struct part in)
{
  static char again[TLS_QUESTION_MAX];
  struct tls_question q, other;
  long n = tls_question_unpack(&q, in.s, in.len);
  if (n <= 0) return;
  assert((size_t)n <= in.len && n <= TLS_QUESTION_MAX);
  assert(same_bytes(again, tls_question_pack(again, &q), in.s, (size_t)n));
  assert(tls_question_unpack(&other, in.s, (size_t)n - 1) == 0);
  lists(&q);
}

static void answer(struct part in)
{
  static char again[TLS_ANSWER_MAX];
  struct tls_answer a, other;
  long n = tls_answer_unpack(&a, in.s, in.len);
  if (n <= 0) return;
  assert((size_t)n <= in.len && n <= TLS_ANSWER_MAX);
  assert(same_bytes(again, tls_answer_pack(again, &a), in.s, (size_t)n));
  assert(tls_answer_unpack(&other, in.s, (size_t)n - 1) == 0);
}

static void foreign(struct part in)
{
  struct tls_answer a, other;
  size_t n = tls_ucspi_answer(&a, in.s, in.len);
  if (!n) return;
  assert(n <= in.len && a.protocol.len < n && a.cipher.len < n && a.name.len < n);
  assert(tls_ucspi_answer(&other, in.s, n - 1) == 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  switch (part_byte(&in)) {
  case 'q': question(in); break;
  case 'a': answer(in); break;
  default: foreign(in);
  }
  return 0;
}
