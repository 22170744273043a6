#include <string.h>

#include "author.h"
#include "subject.h"
#include "text.h"

/* Where the parts of a From lie: empty ones are not there. What stands in quotes, or in a comment, behind a '<' does not matter
   where there is a name before it. */
struct author_parts { struct field front, quoted, comment, all; };

/* Behind the quotation or comment at i, which is kept in *inside unless there was one before. */
static size_t enclosed(struct field *inside, struct field f, size_t i, char close)
{
  size_t begin = ++i;
  while (i < f.len && f.s[i] != close) i += 1 + (f.s[i] == '\\' && i + 1 < f.len);
  if (!inside->len) *inside = (struct field){ f.s + begin, i - begin };
  return i < f.len ? i + 1 : i;
}

static void parts_of(struct author_parts *p, struct field f)
{
  *p = (struct author_parts){ .all = f };
  for (size_t i = 0; i < f.len;) {
    if (f.s[i] == '"') i = enclosed(&p->quoted, f, i, '"');
    else if (f.s[i] == '(') i = enclosed(&p->comment, f, i, ')');
    else if (f.s[i] == '<' && !p->front.len) p->front = (struct field){ f.s, i++ };
    else i++;
  }
}

static bool is_around(char c)
{
  return c == ' ' || c == '\t' || c == '<' || c == '>' || c == '"';
}

static struct field trimmed(struct field f)
{
  while (f.len && is_around(*f.s)) f.s++, f.len--;
  while (f.len && is_around(f.s[f.len - 1])) f.len--;
  return f;
}

static struct field chosen(struct author_parts const *p)
{
  struct field const order[] = { trimmed(p->front), trimmed(p->quoted), trimmed(p->comment) };
  for (size_t i = 0; i < sizeof order / sizeof *order; i++)
    if (order[i].len) return order[i];
  return trimmed(p->all);
}

void author_shown(stralloc *to, struct field from)
{
  stralloc line = STRALLOC_ZERO, plain = STRALLOC_ZERO;
  struct author_parts p;
  subject_unfold(&line, from);
  text_z(&line);
  parts_of(&p, (struct field){ line.s, line.len });
  subject_decode(&plain, chosen(&p));
  text_z(&plain);
  struct field name = trimmed((struct field){ plain.s, plain.len });
  text_addb(to, name.s, name.len < SUBJECT_MAX ? name.len : SUBJECT_MAX);
  stralloc_free(&line);
  stralloc_free(&plain);
}

void author_name(stralloc *to, struct field from)
{
  size_t begun = to->len;
  author_shown(to, from);
  for (size_t i = begun; i < to->len; i++)
    if (to->s[i] == '@') to->s[i] = '.';
}

static bool ends_address(char c)
{
  return c == '>' || c == ' ' || c == ';';
}

/* From behind the nearest blank or ';' before the '@', or from the '<' there, up to the '-'; then what follows from the '@' on. */
static void address_of(stralloc *to, struct field f, size_t at)
{
  size_t begin = at, end = at;
  while (begin && f.s[begin - 1] != ' ' && f.s[begin - 1] != '\t' && f.s[begin - 1] != ';' && f.s[begin - 1] != '<') begin--;
  if (begin && f.s[begin - 1] == '<') begin--;
  char const *dash = memchr(f.s + begin, '-', at - begin);
  text_addb(to, f.s + begin, dash ? (size_t)(dash - f.s) - begin : at - begin);
  while (end < f.len && !ends_address(f.s[end])) end++;
  text_addb(to, f.s + at, end - at);
}

void author_hash(char hash[SURF_LETTERS], struct field from)
{
  stralloc line = STRALLOC_ZERO, address = STRALLOC_ZERO;
  subject_unfold(&line, from);
  text_z(&line);
  char const *at = line.len ? memrchr(line.s, '@', line.len) : 0;
  if (at) address_of(&address, (struct field){ line.s, line.len }, (size_t)(at - line.s));
  else text_addx(&address, &line);
  text_z(&address);
  surf_loose(hash, address.s, address.len);
  stralloc_free(&line);
  stralloc_free(&address);
}
