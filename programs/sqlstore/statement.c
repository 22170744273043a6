#include <string.h>

#include <skalibs/types.h>

#include "statement.h"

/* @ is the table, $ with a letter a value, what stands in [] is left out of a table of one domain, in {} of one without
   clear passwords, and ! stands in front of what a library adds to read what is about to be changed. */
#define COLUMNS "pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell{, pw_clear_passwd}"
#define ONE " FROM @ WHERE pw_name = $n[ AND pw_domain = $d]"

static char const *const patterns[STATEMENT_KINDS] = {
  [STATEMENT_FIND] = "SELECT " COLUMNS ONE,
  [STATEMENT_FIND_TO_CHANGE] = "SELECT " COLUMNS ONE "!",
  [STATEMENT_LIST] = "SELECT " COLUMNS " FROM @[ WHERE pw_domain = $d]",
  [STATEMENT_ALL] = "SELECT pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell[, pw_domain] FROM @",
  [STATEMENT_INSERT] = "INSERT INTO @ (" COLUMNS "[, pw_domain]) VALUES ($n, $h, $u, $f, $c, $i, $q{, $x}[, $d])",
  [STATEMENT_UPDATE] = "UPDATE @ SET pw_passwd = $h, pw_uid = $u, pw_gid = $f, pw_gecos = $c, pw_dir = $i, pw_shell = $q"
                       "{, pw_clear_passwd = $x} WHERE pw_name = $n[ AND pw_domain = $d]",
  [STATEMENT_DELETE] = "DELETE" ONE
};

/* ---- the name of a table ---- */

static char letter_of(char c)
{
  if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
  if (c == '.' || c == '-') return '_';
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
}

bool statement_table_name(char to[STATEMENT_DOMAIN_MAX + 1], struct field domain)
{
  if (!domain.len || domain.len > STATEMENT_DOMAIN_MAX) return false;
  for (size_t i = 0; i < domain.len; i++)
    if (!(to[i] = letter_of(domain.s[i]))) return false;
  to[domain.len] = 0;
  return true;
}

/* ---- the text ---- */

static char const *closing(char const *p, char end)
{
  return strchr(p, end);
}

void statement_make(struct sql_text *to, enum statement_kind kind, struct sql_style const *style, struct statement_table const *table)
{
  sql_text_begin(to);
  for (char const *p = patterns[kind]; *p; p++)
    switch (*p) {
      case '@': sql_text_name(to, table->name, style); break;
      case '$': sql_text_value(to, *++p, style); break;
      case '!': sql_text_put(to, style->for_update, strlen(style->for_update)); break;
      case '[': if (table->is_of_one_domain) p = closing(p, ']'); break;
      case '{': if (!table->has_clear) p = closing(p, '}'); break;
      case ']': case '}': break;
      default: sql_text_put(to, p, 1);
    }
}

/* ---- values ---- */

static struct field number(char *to, uint32_t n)
{
  return (struct field){ to, uint32_fmt(to, n) };
}

static struct field value_of(char letter, struct vpasswd const *r, struct field domain, struct statement_digits *digits)
{
  switch (letter) {
    case 'n': return r->name;
    case 'h': return r->hash;
    case 'u': return number(digits->uid, r->uid);
    case 'f': return number(digits->flags, r->flags);
    case 'c': return r->comment;
    case 'i': return r->dir;
    case 'q': return r->quota;
    case 'x': return r->clear;
    default: return domain;
  }
}

size_t statement_values(struct field values[SQL_VALUES_MAX], struct sql_text const *s, struct vpasswd const *record,
                        struct field domain, struct statement_digits *digits)
{
  size_t count = strlen(s->values);
  for (size_t i = 0; i < count; i++) values[i] = value_of(s->values[i], record, domain, digits);
  return count;
}

/* ---- a row ---- */

enum { NAME, HASH, UID, FLAGS, COMMENT, DIR, QUOTA, CLEAR };

/* A column that is signed has the upper half of what fits 32 bits as negative numbers. */
static bool take_number(uint32_t *to, struct field f)
{
  bool negative = f.len && f.s[0] == '-';
  uint64_t n = 0;
  for (size_t i = negative; i < f.len; i++) {
    if (f.s[i] < '0' || f.s[i] > '9' || n > UINT32_MAX) return false;
    n = 10 * n + (uint64_t)(f.s[i] - '0');
  }
  *to = (uint32_t)(negative ? -n : n);
  return n <= (negative ? (uint64_t)INT32_MAX + 1 : UINT32_MAX);
}

bool statement_record(struct vpasswd *record, struct field const *columns, size_t count)
{
  *record = (struct vpasswd){ .name = columns[NAME], .hash = columns[HASH], .comment = columns[COMMENT], .dir = columns[DIR],
                              .quota = columns[QUOTA], .has_clear = count > CLEAR };
  if (count > CLEAR) record->clear = columns[CLEAR];
  return take_number(&record->uid, columns[UID]) && take_number(&record->flags, columns[FLAGS]);
}
