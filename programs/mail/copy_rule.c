#include <string.h>

#include "address.h"
#include "copy_rule.h"
#include "nameset.h"

static struct { char const *word; enum copy_direction direction; } const words[] = { { "from", COPY_FROM }, { "to", COPY_TO } };
enum { WORDS = sizeof words / sizeof *words };

struct copy_rule copy_rule_read(char const *line, size_t len)
{
  struct field parts[3];
  struct copy_rule const plain = { COPY_ALL, { line, 0 }, { line, len } };
  if (fields_split(parts, 3, line, len) < 3) return plain;
  for (size_t i = 0; i < WORDS; i++)
    if (field_is(parts[0], words[i].word)) return (struct copy_rule){ words[i].direction, parts[1], parts[2] };
  return plain;
}

static bool is(struct field whom, char const *s, size_t len)
{
  return whom.len == len && nameset_same(whom.s, s, len);
}

/* ".b.c" is the end of a.b.c; of a.b.c itself ".a.b.c" is none. */
static bool ends(struct field whom, char const *domain, size_t len)
{
  return whom.len && *whom.s == '.' && len > whom.len && nameset_same(whom.s, domain + len - whom.len, whom.len);
}

bool copy_rule_takes(struct copy_rule const *rule, char const *address, size_t len)
{
  struct field whom = rule->whom;
  size_t at = address_at(address, len), domain = at < len ? at + 1 : len;
  if (!whom.len) return true;
  if (!len) return is(whom, "<>", 2);
  return is(whom, address, len) || (domain < len && (is(whom, address + domain, len - domain) || ends(whom, address + domain, len - domain)));
}
