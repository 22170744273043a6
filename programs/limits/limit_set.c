#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "limit_set.h"
#include "nameset.h"

/* ---- reading ---- */

static size_t lines_of(struct field text)
{
  struct nameset_line line;
  size_t n = 0;
  for (size_t at = 0; n < LIMIT_LINES_MAX && nameset_line_next(&line, text.s, text.len, &at, false);) n++;
  return n;
}

static void fill(struct limit_set *set, size_t count, void (*wrong)(struct field, char const *))
{
  struct nameset_line line;
  char const *why;
  size_t at = 0;
  while (count-- && nameset_line_next(&line, set->text.s, set->text.len, &at, false))
    if (!(why = limit_line_read(set->lines + set->count, line.name, line.name_len))) set->count++;
    else if (wrong) wrong((struct field){ line.name, line.name_len }, why);
}

bool limit_set_read(struct limit_set *set, char const *s, size_t len, void (*wrong)(struct field, char const *))
{
  struct limit_set made = { .text = STRALLOC_ZERO };
  size_t count = lines_of((struct field){ s, len });
  made.lines = calloc(count + 1, sizeof *made.lines);
  if (!made.lines || !bytes_setb(&made.text, s, len)) {
    free(made.lines);
    return false;
  }
  fill(&made, count, wrong);
  stralloc_free(&set->text);
  free(set->lines);
  *set = made;
  return true;
}

/* ---- whom a line speaks of ---- */

static bool same(struct field a, struct field b)
{
  return a.len == b.len && nameset_same(a.s, b.s, a.len);
}

static unsigned of_address(struct limit_line const *l, struct limited const *who)
{
  struct network n;
  return who->network && network_read(&n, l->name.s, l->name.len) && network_has(&n, who->network) ? 2 + n.bits : 0;
}

static unsigned of_login(struct limit_line const *l, struct limited const *who)
{
  char const *at = who->name.len ? memrchr(who->name.s, '@', who->name.len) : 0;
  if (same(l->name, who->name)) return 3;
  return at && same(l->name, (struct field){ at, (size_t)(who->name.s + who->name.len - at) }) ? 2 : 0;
}

static unsigned of_domain(struct limit_line const *l, struct limited const *who)
{
  return same(l->name, who->name) ? 2 : 0;
}

static unsigned (*const closeness_of[LIMIT_SUBJECTS])(struct limit_line const *, struct limited const *) = {
  [LIMIT_ADDRESS] = of_address, [LIMIT_LOGIN] = of_login, [LIMIT_DOMAIN] = of_domain
};

/* 0: not of him; the more, the fewer others it speaks of. */
static unsigned closeness(struct limit_line const *l, struct limited const *who)
{
  if (l->subject != who->subject) return 0;
  return l->name.len ? closeness_of[l->subject](l, who) : 1;
}

/* ---- finding ---- */

static bool has_class(struct limit_set const *set, struct field class)
{
  for (size_t i = 0; class.len && i < set->count; i++)
    if (field_same(set->lines[i].class, class)) return true;
  return false;
}

static void take(struct limits *to, unsigned close[LIMIT_WHATS][LIMIT_PERIODS], struct limit_line const *l, unsigned c)
{
  for (int w = 0; w < LIMIT_WHATS; w++)
    for (int p = 0; p < LIMIT_PERIODS; p++) {
      bool speaks = l->is_free || ((int)l->what == w && (int)l->period == p);
      if (!speaks || c < close[w][p]) continue;
      close[w][p] = c;
      to->most[w][p] = l->is_free ? 0 : l->most;
    }
}

static bool is_any(struct limits const *l)
{
  for (int w = 0; w < LIMIT_WHATS; w++)
    for (int p = 0; p < LIMIT_PERIODS; p++)
      if (l->most[w][p]) return true;
  return false;
}

bool limit_set_find(struct limit_set const *set, struct limits *to, struct field class, struct limited const *who)
{
  unsigned close[LIMIT_WHATS][LIMIT_PERIODS] = { { 0 } }, c;
  struct field const his = has_class(set, class) ? class : (struct field){ "", 0 };
  *to = (struct limits){ { { 0 } } };
  for (struct limit_line const *l = set->lines; l < set->lines + set->count; l++)
    if (field_same(l->class, his) && (c = closeness(l, who))) take(to, close, l, c);
  return is_any(to);
}

bool limit_set_has_addresses(struct limit_set const *set)
{
  for (size_t i = 0; i < set->count; i++)
    if (set->lines[i].subject == LIMIT_ADDRESS && !set->lines[i].is_free) return true;
  return false;
}
