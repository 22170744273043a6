#include "fixed.h"
#include "json.h"
#include "memory.h"
#include "report_show.h"
#include "text.h"

static void add_string(stralloc *to, struct field s)
{
  size_t const begin = to->len;
  while (!json_text(to, s.s, s.len)) {
    to->len = begin;
    memory_gone();
  }
}

static void add_key(stralloc *to, char const *name)
{
  char last = to->len ? to->s[to->len - 1] : '{';
  if (last != '{') text_addc(to, ',');
  text_addc(to, '"');
  text_add(to, name);
  text_add(to, "\":");
}

static void add_count(stralloc *to, char const *name, uint64_t number)
{
  add_key(to, name);
  text_addu(to, number);
}

static void add_slots(stralloc *to, struct report const *r)
{
  add_key(to, "slots");
  text_addc(to, '[');
  for (size_t i = 0; i < r->slots; i++) {
    text_add(to, i ? ",{" : "{");
    add_count(to, "begin", (uint64_t)(r->begin + (int64_t)i * r->step));
    for (enum report_slot_value v = 0; v < SLOT_VALUES; v++) add_count(to, report_slot_values[v].name, r->slot[i][v]);
    text_addc(to, '}');
  }
  text_addc(to, ']');
}

static void add_row(stralloc *to, struct report_part_kind const *kind, struct tally_row const *row)
{
  text_addc(to, '{');
  for (struct report_column const *c = kind->columns; c < kind->columns + REPORT_COLUMNS && c->of; c++) {
    add_key(to, c->word.name);
    fixed_add(to, c->of(&row->sums), c->decimals);
  }
  add_key(to, kind->row);
  add_string(to, row->name);
  text_addc(to, '}');
}

static void add_part(stralloc *to, struct report const *r, enum report_part part)
{
  struct tally_row const *top[REPORT_TOP];
  size_t count = report_top(top, r, part);
  add_key(to, report_parts[part].word.name);
  text_addc(to, '[');
  for (size_t i = 0; i < count; i++) {
    if (i) text_addc(to, ',');
    add_row(to, &report_parts[part], top[i]);
  }
  text_addc(to, ']');
}

void report_json(stralloc *to, struct report const *r)
{
  text_addc(to, '{');
  add_key(to, "host");
  add_string(to, (struct field){ r->host, strlen(r->host) });
  add_count(to, "since", (uint64_t)r->since);
  add_count(to, "until", (uint64_t)r->until);
  add_key(to, "totals");
  text_addc(to, '{');
  for (enum report_total t = 0; t < TOTALS; t++) add_count(to, report_totals[t].name, r->totals[t]);
  text_addc(to, '}');
  add_count(to, "slot_seconds", (uint64_t)r->step);
  add_slots(to, r);
  for (enum report_part part = 0; part < PARTS; part++) add_part(to, r, part);
  text_add(to, "}\n");
}
