/* An exchange of SASL: "NAME INITIAL", and the lines behind it. */

#include "fuzz.h"

#include "sasl.h"

enum { ALL = SASL_PLAIN | SASL_LOGIN | SASL_CRAM_MD5 | SASL_SCRAM | SASL_SCRAM_PLUS, LINES = 8 };

static struct sasl_side const side = { .stamp = "<12345678.2@host>", .exporter = { "exporter", 8 }, .endpoint = { "endpoint", 8 } };

static bool lies_in(char const *s, size_t len, char const *block, size_t size)
{
  return s >= block && s + len <= block + size;
}

static void check(struct sasl const *s, char const *line, size_t len)
{
  struct credentials const *c = &s->credentials;
  assert(c->login_len && c->password_len && !holds(c->login, c->login_len, 0) && !holds(c->password, c->password_len, 0));
  assert(lies_in(c->password, c->password_len, line, len));
  assert(lies_in(c->login, c->login_len, line, len) || lies_in(c->login, c->login_len, s->login, sizeof s->login));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size), name = part_before(&rest, ' ');
  struct sasl_mechanism const *m = sasl_find(name.s, name.len, ALL);
  struct sasl s;
  if (!m) return 0;
  enum sasl_said said = SASL_CHALLENGE;
  for (int i = 0; i < LINES && said == SASL_CHALLENGE; i++) {
    struct part line = part_before(&rest, '\n');
    char *copy = malloc(line.len);
    if (line.len) memcpy(copy, line.s, line.len);
    said = i ? sasl_answer(&s, copy, line.len) : sasl_begin(&s, m, &side, copy, line.len);
    if (said == SASL_WANTS_SALT) said = sasl_salt(&s, (struct field){ "TmFDbC1OYUNsLU5h", 16 }, 4096);
    if (said == SASL_CHALLENGE) assert(strlen(s.challenge) % 4 == 0 && strlen(s.challenge) < sizeof s.challenge);
    if (said == SASL_COMPLETE) check(&s, copy, line.len);
    free(copy);
  }
  assert(said != SASL_CHALLENGE);
  sasl_end(&s);
  return 0;
}
