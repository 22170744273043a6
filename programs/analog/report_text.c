#include "fixed.h"
#include "moment.h"
#include "report_show.h"
#include "text.h"

enum { BAR = 40, NUMBER = 12 };

/* Foreign text for a terminal. */
static void add_name(stralloc *to, struct field name)
{
  for (size_t i = 0; i < name.len; i++) text_addc(to, name.s[i] >= 32 && name.s[i] < 127 ? name.s[i] : '?');
}

static void add_padded(stralloc *to, char const *s, size_t len, size_t width)
{
  for (; width > len; width--) text_addc(to, ' ');
  text_addb(to, s, len);
}

static void add_number(stralloc *to, double number, int decimals, size_t width)
{
  stralloc text = STRALLOC_ZERO;
  fixed_add(&text, number, decimals);
  add_padded(to, text.s, text.len, width);
  stralloc_free(&text);
}

static void add_totals(stralloc *to, struct report const *r)
{
  for (enum report_total t = 0; t < TOTALS; t++) {
    add_number(to, (double)r->totals[t], 0, NUMBER);
    text_add(to, "  ");
    text_add(to, report_totals[t].text);
    text_addc(to, '\n');
  }
}

static uint64_t largest(struct report const *r)
{
  uint64_t most = 1;
  for (size_t i = 0; i < r->slots; i++)
    if (r->slot[i][SLOT_DELIVERED] > most) most = r->slot[i][SLOT_DELIVERED];
  return most;
}

static void add_slot(stralloc *to, struct report const *r, size_t i, uint64_t most)
{
  text_add(to, "  ");
  moment_add(to, r->begin + (int64_t)i * r->step);
  for (enum report_slot_value v = 0; v < SLOT_VALUES; v++) add_number(to, (double)r->slot[i][v], 0, 10);
  uint64_t bar = (r->slot[i][SLOT_DELIVERED] * BAR + most - 1) / most;
  if (bar) text_add(to, "  ");
  while (bar--) text_addc(to, '#');
  text_addc(to, '\n');
}

/* The bars are of what was delivered. */
static void add_slots(stralloc *to, struct report const *r)
{
  text_add(to, "\n                  ");
  for (enum report_slot_value v = 0; v < SLOT_VALUES; v++)
    add_padded(to, report_slot_values[v].text, strlen(report_slot_values[v].text), 10);
  text_addc(to, '\n');
  for (size_t i = 0; i < r->slots; i++) add_slot(to, r, i, largest(r));
}

static void add_row(stralloc *to, struct report_part_kind const *kind, struct tally_row const *row)
{
  for (struct report_column const *c = kind->columns; c < kind->columns + REPORT_COLUMNS && c->of; c++)
    add_number(to, c->of(&row->sums), c->decimals, NUMBER);
  text_add(to, "  ");
  add_name(to, row->name);
  text_addc(to, '\n');
}

static void add_part(stralloc *to, struct report const *r, enum report_part part)
{
  struct report_part_kind const *kind = &report_parts[part];
  struct tally_row const *top[REPORT_TOP];
  size_t count = report_top(top, r, part);
  if (!count) return;
  text_addc(to, '\n');
  text_add(to, kind->word.text);
  text_addc(to, '\n');
  for (struct report_column const *c = kind->columns; c < kind->columns + REPORT_COLUMNS && c->of; c++)
    add_padded(to, c->word.text, strlen(c->word.text), NUMBER);
  text_add(to, "  ");
  text_add(to, kind->row);
  text_addc(to, '\n');
  for (size_t i = 0; i < count; i++) add_row(to, kind, top[i]);
}

void report_text(stralloc *to, struct report const *r)
{
  text_add(to, "Mail of ");
  text_add(to, r->host);
  text_add(to, " from ");
  moment_add(to, r->since);
  text_add(to, " to ");
  moment_add(to, r->until);
  text_add(to, "\n\n");
  add_totals(to, r);
  add_slots(to, r);
  for (enum report_part part = 0; part < PARTS; part++) add_part(to, r, part);
}
