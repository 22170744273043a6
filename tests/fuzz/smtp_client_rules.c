/* A table of rules, the address, name and user of a client, each up to a NUL: whatever the bytes are, what is found lies in
   them, and its variables have a name and an end. */

#include "fuzz.h"

#include "client_rules.h"

static char *text(struct part *rest)
{
  struct part p = part_before(rest, 0);
  char *s = malloc(p.len + 1);
  if (p.len) memcpy(s, p.s, p.len);
  s[p.len] = 0;
  return s;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  char *ip = text(&in), *host = text(&in), *info = text(&in), *table = malloc(in.len);
  struct client_facts const c = { ip, *host ? host : 0, *info ? info : 0 };
  struct field rule = { 0 };
  char const *variable;
  if (in.len) memcpy(table, in.s, in.len);
  if (client_rules_find(&rule, table, in.len, &c) == 1) {
    assert(rule.s >= table && rule.s + rule.len <= table + in.len);
    for (size_t at = 0; (variable = client_rules_variable(rule, &at)); ) {
      assert(at <= rule.len && variable + strlen(variable) < rule.s + rule.len && strchr(variable, '='));
      client_rules_deny(rule);
    }
  }
  free(ip), free(host), free(info), free(table);
  return 0;
}
