#include <string.h>

#include "main_cf.h"
#include "map_lines.h"
#include "text.h"
#include "die.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static void add(struct main_cf *cf, struct field name, struct field value, size_t line)
{
  struct main_cf_setting one = { .name = cf->text.len, .name_len = name.len, .value_len = value.len, .line = line };
  text_addb(&cf->text, name.s, name.len);
  one.value = cf->text.len;
  for (size_t i = 0; i < value.len; i++) text_addc(&cf->text, is_blank(value.s[i]) || !value.s[i] ? ' ' : value.s[i]);
  if (!genalloc_append(struct main_cf_setting, &cf->settings, &one)) die_nomem();
}

/* The lines are those of a table, but for the sign behind the name. */
void main_cf_read(struct main_cf *cf, char const *s, size_t len)
{
  struct map_lines lines = { .in = { s, len } };
  while (map_lines_next(&lines)) {
    struct field all = field_trimmed((struct field){ lines.text.s, lines.text.len });
    char const *sign = memchr(all.s, '=', all.len);
    if (!sign) continue;
    struct field name = { all.s, (size_t)(sign - all.s) }, value = { sign + 1, (size_t)(all.s + all.len - sign) - 1 };
    add(cf, field_trimmed(name), field_trimmed(value), lines.number);
  }
  stralloc_free(&lines.text);
}

void main_cf_default(struct main_cf *cf, char const *name, char const *value)
{
  add(cf, field_of(name), field_of(value), 0);
}

struct main_cf_setting const *main_cf_find(struct main_cf const *cf, char const *name, size_t len)
{
  for (size_t i = main_cf_count(cf); i--;) {
    struct main_cf_setting const *one = main_cf_get(cf, i);
    if (one->name_len == len && memcmp(cf->text.s + one->name, name, len) == 0) return one;
  }
  return 0;
}

/* ---- $name ---- */

static bool is_name(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t name_len(struct field f)
{
  size_t i = 0;
  while (i < f.len && is_name(f.s[i])) i++;
  return i;
}

/* The length of what stands between brackets, of which the first is f's first byte; 0 when they do not close. */
static size_t bracketed(struct field f)
{
  char open = f.s[0], close = open == '{' ? '}' : ')';
  size_t depth = 0;
  for (size_t i = 0; i < f.len; i++) {
    depth += f.s[i] == open;
    if (f.s[i] == close && --depth == 0) return i + 1;
  }
  return 0;
}

struct expansion { stralloc *to; struct main_cf const *cf; bool sound; unsigned steps; };

static void expand(struct expansion *e, struct field f, unsigned depth);

static void expand_name(struct expansion *e, struct field name, unsigned depth)
{
  struct main_cf_setting const *one = main_cf_find(e->cf, name.s, name.len);
  if (one) expand(e, (struct field){ e->cf->text.s + one->value, one->value_len }, depth);
}

/* ${name?text} is the text where name has a value, ${name:text} where it has none. */
static void expand_inner(struct expansion *e, struct field f, unsigned depth)
{
  size_t len = name_len(f);
  struct field name = { f.s, len }, rest = { f.s + len, f.len - len };
  if (!len || (rest.len && *rest.s != '?' && *rest.s != ':')) e->sound = false;
  else if (!rest.len) expand_name(e, name, depth);
  else {
    struct main_cf_setting const *one = main_cf_find(e->cf, name.s, name.len);
    bool has = one && one->value_len;
    if (has == (*rest.s == '?')) expand(e, (struct field){ rest.s + 1, rest.len - 1 }, depth);
  }
}

/* How many bytes the $ and what belongs to it have. */
static size_t expand_dollar(struct expansion *e, struct field f, unsigned depth)
{
  struct field rest = { f.s + 1, f.len - 1 };
  if (!rest.len) return e->sound = false, 1;
  if (*rest.s == '$') return text_addc(e->to, '$'), 2;
  if (*rest.s != '{' && *rest.s != '(') {
    size_t len = name_len(rest);
    if (!len) e->sound = false;
    expand_name(e, (struct field){ rest.s, len }, depth);
    return len + 1;
  }
  size_t len = bracketed(rest);
  if (!len) return e->sound = false, f.len;
  expand_inner(e, (struct field){ rest.s + 1, len - 2 }, depth);
  return len + 1;
}

static void expand(struct expansion *e, struct field f, unsigned depth)
{
  if (depth > MAIN_CF_DEPTH || ++e->steps > MAIN_CF_STEPS) e->sound = false;
  for (size_t i = 0; e->sound && i < f.len;) {
    if (e->to->len > MAIN_CF_VALUE_MAX) e->sound = false;
    else if (f.s[i] == '$') i += expand_dollar(e, (struct field){ f.s + i, f.len - i }, depth + 1);
    else text_addc(e->to, f.s[i++]);
  }
}

bool main_cf_value(stralloc *to, struct main_cf const *cf, struct main_cf_setting const *one)
{
  struct expansion e = { to, cf, true, 0 };
  to->len = 0;
  expand(&e, (struct field){ cf->text.s + one->value, one->value_len }, 0);
  text_z(to);
  return e.sound;
}
