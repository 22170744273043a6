/* Calls for mail: what a client may say reaches qmail-send as it was, and nothing else does; a rule lets nobody have more
   than it names. */

#include "fuzz.h"

#include "call_wire.h"

static void is_a_domain(struct field f)
{
  assert(f.len && f.len <= CALL_DOMAIN_MAX && f.s[0] != '.' && f.s[f.len - 1] != '.');
  for (size_t i = 0; i < f.len; i++) assert(f.s[i] > ' ' && f.s[i] < 127 && !strchr("@#/\"'%<>;:", f.s[i]));
}

static void goes_over(struct call const *c)
{
  struct call again;
  char request[CALL_REQUEST_MAX];
  size_t len = call_request_pack(request, c);
  assert(len <= sizeof request && call_request_unpack(&again, request, len) == (long)len);
  assert(again.below == c->below && field_same(again.domain, c->domain));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size), said = part_before(&in, '\n');
  struct call c, other;
  enum call_said answer;
  uint32_t messages;
  if (call_request_unpack(&other, (char const *)data, size) > 0) is_a_domain(other.domain);
  if (call_answer_unpack(&answer, &messages, (char const *)data, size) > 0) assert(memchr("KBZ", (int)answer, 3));
  if (!call_read(&c, (struct field){ said.s, said.len })) return 0;
  is_a_domain(c.domain);
  goes_over(&c);
  bool allowed = call_is_allowed(&c, (struct field){ in.s, in.len });
  assert(!allowed || in.len);
  return 0;
}
