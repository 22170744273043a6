#include <errno.h>
#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/types.h>

#include "bytes.h"
#include "vpasswd.h"

/* ---- reading ---- */

enum { NAME, HASH, UID, FLAGS, COMMENT, DIR, QUOTA, CLEAR, PARTS };

/* Nothing is 0, as for older programs; anything else must be a number, or a user would lose his restrictions. */
static bool number(uint32_t *n, struct field f)
{
  uint64_t scanned = 0;
  for (size_t i = 0; i < f.len; i++) {
    if (f.s[i] < '0' || f.s[i] > '9') return false;
    scanned = 10 * scanned + (uint64_t)(f.s[i] - '0');
    if (scanned > UINT32_MAX) return false;
  }
  *n = (uint32_t)scanned;
  return true;
}

static size_t without_end(char const *s, size_t len)
{
  if (len && s[len - 1] == '\n') len--;
  if (len && s[len - 1] == '\r') len--;
  return len;
}

static bool has(struct field f, char c)
{
  return f.len && memchr(f.s, c, f.len);
}

/* The name stands in parts[NAME]; value is what follows its colon. */
static enum vpasswd_result parse(struct vpasswd *r, struct field name, char const *value, size_t len)
{
  struct field parts[PARTS] = { [NAME] = name };
  len = without_end(value, len);
  size_t n = 1 + fields_split(parts + 1, PARTS - 1, value, len);
  if (!name.len || n <= QUOTA) return VPASSWD_NONE;
  *r = (struct vpasswd){ .name = name, .hash = parts[HASH], .comment = parts[COMMENT], .dir = parts[DIR],
                         .quota = parts[QUOTA], .clear = parts[CLEAR], .has_clear = n > CLEAR };
  bool whole = name.len + 1 + len <= VPASSWD_LINE_MAX;
  struct field const rest = { value, len };
  bool clean = !has(name, 0) && !has(name, '\n') && !has(rest, 0) && !has(rest, '\n');
  return whole && clean && number(&r->uid, parts[UID]) && number(&r->flags, parts[FLAGS]) ? VPASSWD_RECORD : VPASSWD_DAMAGED;
}

enum vpasswd_result vpasswd_parse(struct vpasswd *record, char const *line, size_t len)
{
  char const *colon = len ? memchr(line, ':', len) : 0;
  if (!colon) return VPASSWD_NONE;
  return parse(record, (struct field){ line, (size_t)(colon - line) }, colon + 1, (size_t)(line + len - colon - 1));
}

enum vpasswd_result vpasswd_parse_value(struct vpasswd *record, struct field name, char const *value, size_t len)
{
  return parse(record, name, value, len);
}

/* ---- what fits ---- */

struct rule { size_t at; size_t max; char const *words; };

static struct rule const rules[] = {
  /* where, what older programs read, in words */
  { offsetof(struct vpasswd, name), 64, "name" },
  { offsetof(struct vpasswd, hash), 128, "password" },
  { offsetof(struct vpasswd, comment), 64, "comment" },
  { offsetof(struct vpasswd, dir), 160, "directory" },
  { offsetof(struct vpasswd, quota), 20, "quota" },
  { offsetof(struct vpasswd, clear), 128, "clear password" },
};

static struct field const *rule_field(struct vpasswd const *record, struct rule const *rule)
{
  return (struct field const *)((char const *)record + rule->at);
}

static bool has_any(char const *s, size_t len, char const *set, size_t set_len)
{
  for (size_t i = 0; i < len; i++)
    if (memchr(set, s[i], set_len)) return true;
  return false;
}

/* Nothing stands behind the clear password that a colon in it could be taken for. */
static bool is_unfit(struct vpasswd const *record, struct field const *f)
{
  if (f == &record->name && !f->len) return true;
  if (f == &record->clear) return has_any(f->s, f->len, "\0\r\n", 3);
  return has_any(f->s, f->len, ":\0\r\n", 4);
}

char const *vpasswd_unfit(struct vpasswd const *record)
{
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (is_unfit(record, rule_field(record, rules + i))) return rules[i].words;
  return 0;
}

char const *vpasswd_overlong(struct vpasswd const *record)
{
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (rule_field(record, rules + i)->len > rules[i].max) return rules[i].words;
  return 0;
}

/* ---- writing ---- */

static int add_number(stralloc *to, uint32_t n)
{
  char digits[UINT32_FMT];
  return bytes_addc(to, ':') && bytes_addb(to, digits, uint32_fmt(digits, n));
}

static int add_field(stralloc *to, struct field f)
{
  return bytes_addc(to, ':') && bytes_addb(to, f.s, f.len);
}

static int add_value(stralloc *to, struct vpasswd const *r)
{
  return bytes_addb(to, r->hash.s, r->hash.len) && add_number(to, r->uid) && add_number(to, r->flags)
      && add_field(to, r->comment) && add_field(to, r->dir) && add_field(to, r->quota)
      && (!r->has_clear || add_field(to, r->clear));
}

int vpasswd_format_value(stralloc *to, struct vpasswd const *record)
{
  size_t const was = to->len;
  if (vpasswd_unfit(record)) return errno = EINVAL, 0;
  bool added = add_value(to, record);
  bool fits = record->name.len + 1 + to->len - was <= VPASSWD_LINE_MAX;
  if (added && fits) return 1;
  to->len = was;
  errno = added ? EINVAL : ENOMEM;
  return 0;
}

int vpasswd_format(stralloc *to, struct vpasswd const *record)
{
  size_t const was = to->len;
  if (!bytes_addb(to, record->name.s, record->name.len)) return 0;
  case_lowerb(to->s + was, to->len - was);
  if (bytes_addc(to, ':') && vpasswd_format_value(to, record) && bytes_addc(to, '\n')) return 1;
  to->len = was;
  return 0;
}
