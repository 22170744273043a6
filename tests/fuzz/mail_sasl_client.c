/* The client's side of SASL: a byte that tells which mechanism, and what the server says, a line for each challenge. No response is
   longer than there is room for, SCRAM is content only with who knows the password. */

#include "fuzz.h"

#include "sasl_client.h"

enum { LINES = 6 };

static char const *const offers[] = { "SCRAM-SHA-256", "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2" };
enum { OFFERS = sizeof offers / sizeof *offers };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct sasl_client s;
  struct part rest = whole(data, size);
  unsigned which = part_byte(&rest) % OFFERS;
  struct sasl_secret const who = {
    .login = { "a,b=c", 5 }, .secret = { "pencil", 6 }, .is_token = which >= 3, .host = { "mx.example", 10 }, .port = 587
  };
  struct field offered = { offers[which], strlen(offers[which]) };
  assert(sasl_client_begin(&s, &who, offered, true, "rOprNGfwEbeRWgbNEkqO") && !strcmp(s.name, offers[which]));
  bool goes_on = true;
  for (int i = 0; i < LINES && goes_on; i++) {
    struct part line = part_before(&rest, '\n');
    goes_on = sasl_client_answer(&s, line.s, line.len);
    assert(s.len <= sizeof s.response);
  }
  assert(!goes_on && (which || !sasl_client_is_content(&s)));
  sasl_client_end(&s);
  return 0;
}
