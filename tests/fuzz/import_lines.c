/* A byte that says of which table it is, a key, a byte 1 and a value: whatever becomes of it is lines, each with its end, and of maps
   each with a colon; or it is told. */

#include "fuzz.h"

#include "postfix.h"
#include "systems.h"

static void put(struct harvest_place from, struct field f)
{
  (void)from;
  assert(f.len);
}

static void look(struct harvest const *h)
{
  for (int i = 0; i < HARVEST_FILES; i++) {
    stralloc const *t = &h->text[i];
    if (!t->len) continue;
    assert(t->s[t->len - 1] == '\n' && !holds(t->s, t->len, 0) && times(t->s, t->len, "\n") <= 4);
    if (harvest_targets[i].kind == HARVEST_MAP) assert(holds(t->s, t->len, ':'));
  }
  assert(!h->left.len || h->left.s[h->left.len - 1] == '\n');
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct harvest h;
  struct harvest_place from = { "f", 1 };
  struct part in = whole(data, size);
  unsigned table = part_byte(&in) % 8;
  struct part first = part_before(&in, 1);
  struct field key = { first.s, first.len }, value = { in.s, in.len }, origin = field_of("a.example");
  for (int i = 0; i < HARVEST_FILES; i++) h.text[i].len = 0;
  h.left.len = h.aliases.len = h.alias_names.len = h.alias_files.len = 0;
  harvest_put(&h, HARVEST_LOCALS, from, field_of("l.example"));
  import_virtual_domain(&h, from, field_of("v.example"));
  import_know_domains(&h);
  if (!key.len) return 0;
  if (table == 0) import_virtual_address(&h, from, key, value, origin);
  if (table == 1) import_route(&h, from, key, value);
  if (table == 2) import_network(&h, from, value);
  if (table == 3) import_sender(&h, from, key, value, origin);
  if (table == 4) import_access(&h, from, IMPORT_CLIENT, key, value);
  if (table == 5) import_access(&h, from, IMPORT_RECIPIENT, key, value);
  if (table == 6) import_domain_elsewhere(&h, from, key, value);
  if (table == 7 && !holds(value.s, value.len, '/')) postfix_list(&h, from, value, put);
  look(&h);
  return 0;
}
