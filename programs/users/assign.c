#include <ctype.h>
#include <string.h>

#include <skalibs/bytestr.h>

#include "assign.h"
#include "text.h"

enum { USER, UID, GID, USER_HOME };       /* in data */

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static char const *trouble_in_front(char const *line, size_t len)
{
  if (len >= 3 && !memcmp(line, "\xef\xbb\xbf", 3)) return "it begins with a byte order mark";
  if (len && is_blank(line[0])) return "a blank stands in front of it";
  return len && (line[0] == '=' || line[0] == '+') ? 0 : "it does not begin with = or +";
}

/* Such a line would match an address with the blank, which nobody has. */
static bool ends_in_blank(struct field local)
{
  return local.len && (is_blank(local.s[0]) || is_blank(local.s[local.len - 1]));
}

char const *assign_parse(struct assign *a, char const *line, size_t len)
{
  struct field parts[ASSIGN_FIELDS + 1];
  if (len && memchr(line, 0, len)) return "it holds a NUL";
  char const *trouble = trouble_in_front(line, len);
  if (trouble) return trouble;
  size_t n = fields_split(parts, ASSIGN_FIELDS + 1, line, len);
  if (n <= ASSIGN_FIELDS) return "it has fewer than seven colons";
  a->prefix = line[0] == '+';
  a->local = (struct field){ parts[0].s + 1, parts[0].len - 1 };
  if (!a->prefix && !a->local.len) return "there is no address behind the =";
  if (ends_in_blank(a->local)) return "a blank stands beside the address";
  memcpy(a->data, parts + 1, sizeof a->data);
  if (!field_is_id(a->data[UID])) return "the uid is not a number";
  if (!field_is_id(a->data[GID])) return "the gid is not a number";
  /* Nobody, and no place to begin at: every delivery by such a line would fail. */
  if (!a->data[USER].len) return "there is no user";
  if (!a->data[USER_HOME].len || *a->data[USER_HOME].s != '/') return "the home is no absolute path";
  return 0;
}

void assign_key(stralloc *key, struct assign const *a)
{
  text_set(key, "!");
  text_addb(key, a->local.s, a->local.len);
  case_lowerb(key->s, key->len);
  if (!a->prefix) text_addc(key, 0);
}

void assign_data(stralloc *data, struct assign const *a)
{
  data->len = 0;
  for (size_t i = 0; i < ASSIGN_FIELDS - 1; i++) {
    if (i) text_addc(data, 0);
    text_addb(data, a->data[i].s, a->data[i].len);
  }
}

int assign_wildcard(struct assign const *a)
{
  if (!a->prefix || !a->local.len) return -1;
  return tolower((unsigned char)a->local.s[a->local.len - 1]);
}
