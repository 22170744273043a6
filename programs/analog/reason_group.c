#include <stdbool.h>
#include <string.h>

#include "reason_group.h"
#include "text.h"

enum { CODE_MAX = 3, ID_MIN = 6 };

struct letters { size_t all, digits, dots, colons, hex, at; };

static struct letters letters_of(struct field w)
{
  struct letters n = { .all = w.len };
  for (size_t i = 0; i < w.len; i++) {
    char c = w.s[i], small = c | 32;
    n.digits += c >= '0' && c <= '9';
    n.hex += (c >= '0' && c <= '9') || (small >= 'a' && small <= 'f');
    n.dots += c == '.';
    n.colons += c == ':';
    n.at += c == '@';
  }
  return n;
}

static bool is_link(struct field w)
{
  return w.len > 7 && (!memcmp(w.s, "http://", 7) || !memcmp(w.s, "https:/", 7));
}

/* What stands for a word; null: it stands for itself. */
static char const *stand_in(struct field w)
{
  struct letters n = letters_of(w);
  if (is_link(w)) return "URL";
  if (n.at) return "ADDRESS";
  if (n.dots == 3 && n.digits + n.dots == n.all) return "IP";
  if (n.colons >= 2 && n.hex + n.colons == n.all) return "IP";
  if (n.digits == n.all) return n.all > CODE_MAX ? "N" : 0;
  if (n.digits && n.digits + n.dots == n.all) return 0;
  return n.digits > 1 && n.all >= ID_MIN ? "ID" : 0;
}

static bool is_blank(char c)
{
  return c == '_' || c == ' ' || c == '\t';
}

/* Signs around a word are not part of it. */
static bool is_sign(char c)
{
  return strchr("<>()[]{}\"'`,;:.!?#=/", c) && c;
}

static void add_word(stralloc *to, struct field w)
{
  size_t from = 0, until = w.len;
  while (from < until && is_sign(w.s[from])) from++;
  while (until > from && is_sign(w.s[until - 1])) until--;
  char const *other = until > from ? stand_in((struct field){ w.s + from, until - from }) : 0;
  text_addb(to, w.s, from);
  if (other) text_add(to, other);
  else text_addb(to, w.s + from, until - from);
  text_addb(to, w.s + until, w.len - until);
}

void reason_group(stralloc *to, struct field reason)
{
  size_t const begin = to->len;
  size_t at = 0;
  while (at < reason.len && to->len - begin < REASON_GROUP_MAX) {
    while (at < reason.len && is_blank(reason.s[at])) at++;
    size_t from = at;
    while (at < reason.len && !is_blank(reason.s[at]) && at - from < REASON_GROUP_MAX) at++;
    if (at == from) break;
    if (to->len > begin) text_addc(to, ' ');
    add_word(to, (struct field){ reason.s + from, at - from });
  }
  if (to->len - begin > REASON_GROUP_MAX) to->len = begin + REASON_GROUP_MAX;
}
