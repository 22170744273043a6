/* Requests to qmail-send and its answers: what is understood is written as the same bytes. The texts of a request are
   patterns too, for the bytes behind it. */

#include "fuzz.h"

#include "verb_wire.h"

static void check_choice(struct verb_choice const *c, struct part address)
{
  bool taken = choice_takes(c, address.s, address.len);
  struct verb_choice const any = { "", "" }, stars = { "*", "*" };
  assert(choice_takes(&any, address.s, address.len) && choice_takes(&stars, address.s, address.len));
  if (taken && !memchr(c->recipient, '*', strlen(c->recipient)) && *c->recipient) assert(strlen(c->recipient) == address.len);
}

static void check_request(struct part in)
{
  static stralloc again = STRALLOC_ZERO;
  struct verb_request r;
  long n = verb_request_unpack(&r, in.s, in.len);
  assert(n <= (long)in.len && n <= VERB_REQUEST_MAX);
  if (n <= 0) return;
  again.len = 0;
  assert(verb_request_pack(&again, &r) && same_bytes(again.s, again.len, in.s, (size_t)n));
  check_choice(&r.choice, (struct part){ in.s + n, in.len - (size_t)n });
}

static void check_answer(struct part in)
{
  char again[VERB_ANSWER_MAX];
  struct verb_answer a;
  long n = verb_answer_unpack(&a, in.s, in.len);
  assert(n <= (long)in.len && n <= VERB_ANSWER_MAX);
  if (n > 0) assert(verb_answer_pack(again, &a) == (size_t)n && !memcmp(again, in.s, (size_t)n));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  check_request(whole(data, size));
  check_answer(whole(data, size));
  return 0;
}
