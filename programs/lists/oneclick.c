#include <string.h>
#include <strings.h>

#include "list_lines.h"
#include "mime_type.h"
#include "mime_walk.h"
#include "number.h"
#include "oneclick.h"
#include "subscribers_records.h"
#include "text.h"

enum { ACTION = 'o', PARTS = 4 };
static char const name_said[] = "List-Unsubscribe", value_said[] = "One-Click";

/* ---- bytes ---- */

void oneclick_percent(stralloc *to, struct field f)
{
  static char const hex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < f.len; i++) {
    unsigned char const c = (unsigned char)f.s[i];
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("-._~", c))) text_addc(to, (char)c);
    else text_add(to, "%"), text_addc(to, hex[c >> 4]), text_addc(to, hex[c & 15]);
  }
}

static int hex_digit(char c)
{
  char const lower = (char)(c | 32);
  return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* False for a '%' without two digits. */
static bool add_decoded(stralloc *to, struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    if (f.s[i] != '%') {
      text_addc(to, f.s[i]);
      continue;
    }
    int const high = f.len - i > 2 ? hex_digit(f.s[i + 1]) : -1, low = f.len - i > 2 ? hex_digit(f.s[i + 2]) : -1;
    if (high < 0 || low < 0) return false;
    text_addc(to, (char)(high << 4 | low));
    i += 2;
  }
  return true;
}

/* ---- the address of the page ---- */

static bool is_base(struct field base)
{
  if (base.len < sizeof "https://x" - 1 || strncasecmp(base.s, "https://", 8) != 0) return false;
  for (size_t i = 0; i < base.len; i++)
    if (base.s[i] <= 32 || base.s[i] >= 127 || strchr("<>\",", base.s[i])) return false;
  return true;
}

bool oneclick_add(stralloc *to, struct field base, struct field key, char const *table, uint64_t now, struct field address)
{
  size_t const begun = to->len;
  char cookie[COOKIE_LENGTH];
  if (!is_base(base)) return false;
  text_addb(to, base.s, base.len), text_add(to, ":");
  size_t const time = to->len;
  text_addu(to, now);
  cookie_make(cookie, cookie_key(key, table), (struct field){ to->s + time, to->len - time }, address, ACTION);
  text_add(to, "."), text_addb(to, cookie, sizeof cookie);
  text_add(to, strcmp(table, "digest") != 0 ? "::" : ":digest:");
  oneclick_percent(to, address);
  if (to->len - begun <= ONECLICK_LINE_MAX) return true;
  to->len = begun;
  return false;
}

bool oneclick_read(struct oneclick *to, struct field query)
{
  struct field parts[PARTS];
  *to = (struct oneclick){ .table = "." };
  if (query.len > ONECLICK_QUERY_MAX || fields_split(parts, PARTS, query.s, query.len) != PARTS) return false;
  if (!parts[0].len || parts[0].len > 18 || number_scan(parts[0].s, parts[0].len, &to->list) != parts[0].len) return false;
  if (!cookie_read(&to->cookie, &parts[1]) || parts[1].len) return false;
  if (field_is(parts[2], "digest")) to->table = "digest";
  else if (parts[2].len) return false;
  text_z(&to->address);
  return add_decoded(&to->address, parts[3]) && subscribers_is_address((struct field){ to->address.s, to->address.len });
}

bool oneclick_is_ours(struct oneclick const *o, struct field key, uint64_t now)
{
  struct field const address = { o->address.s, o->address.len };
  return cookie_fresh(&o->cookie, now, ONECLICK_LIFE) && cookie_is(o->cookie.cookie, cookie_key(key, o->table), o->cookie.date, address, ACTION);
}

/* ---- the request ---- */

static bool is(struct field f, char const *word)
{
  return f.len == strlen(word) && !strncasecmp(f.s, word, f.len);
}

/* What stands before the separator; *rest moves behind it. */
static struct field piece(struct field *rest, char separator)
{
  char const *end = rest->len ? memchr(rest->s, separator, rest->len) : 0;
  struct field const f = { rest->s, end ? (size_t)(end - rest->s) : rest->len };
  rest->s += f.len + (end != 0), rest->len -= f.len + (end != 0);
  return f;
}

static bool is_decoded(struct field f, char const *word)
{
  stralloc text = STRALLOC_ZERO;
  bool const same = add_decoded(&text, field_trimmed(f)) && is((struct field){ text.s, text.len }, word);
  stralloc_free(&text);
  return same;
}

static bool said_in_form(struct field body)
{
  while (body.len) {
    struct field value = piece(&body, '&'), name = piece(&value, '=');
    if (is_decoded(name, name_said) && is_decoded(value, value_said)) return true;
  }
  return false;
}

/* A header with Content-Disposition: form-data; name="List-Unsubscribe", an empty line, the value. */
static bool said_in_part(struct field part)
{
  static char const disposition[] = "Content-Disposition:";
  stralloc name = STRALLOC_ZERO;
  struct field line;
  bool named = false;
  while (list_line_any(&line, &part) && field_trimmed(line).len) {
    if (line.len < sizeof disposition - 1 || strncasecmp(line.s, disposition, sizeof disposition - 1) != 0) continue;
    struct field const value = { line.s + sizeof disposition - 1, line.len - sizeof disposition + 1 };
    if (mime_type_parameter(&name, value, "name") && is((struct field){ name.s, name.len }, name_said)) named = true;
  }
  stralloc_free(&name);
  return named && is(field_trimmed(part), value_said);
}

static bool said_in_parts(struct field boundary, struct field body)
{
  struct field line;
  char const *begin = 0;
  while (list_line_any(&line, &body)) {
    int const kind = mime_boundary(boundary, line.s, line.len);
    if (kind && begin && said_in_part((struct field){ begin, (size_t)(line.s - begin) })) return true;
    if (kind) begin = body.s;
    if (kind == 2) return false;
  }
  return false;
}

bool oneclick_is_said(struct field type, struct field body)
{
  stralloc boundary = STRALLOC_ZERO;
  struct mime_type t;
  mime_type_read(&t, type);
  if (!t.name.len || mime_type_is(t.name, "application/x-www-form-urlencoded")) return said_in_form(body);
  bool const said = mime_type_is(t.name, "multipart/form-data") && mime_type_parameter(&boundary, type, "boundary") &&
    said_in_parts((struct field){ boundary.s, boundary.len }, body);
  stralloc_free(&boundary);
  return said;
}
