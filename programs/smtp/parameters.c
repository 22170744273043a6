#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "parameters.h"
#include "utf8.h"
#include "xtext.h"

static bool is(struct field a, char const *word)
{
  return a.len == strlen(word) && !strncasecmp(a.s, word, a.len);
}

static bool next_word(struct field *rest, struct field *word)
{
  while (rest->len && *rest->s == ' ') rest->s++, rest->len--;
  word->s = rest->s;
  while (rest->len && *rest->s != ' ') rest->s++, rest->len--;
  word->len = (size_t)(rest->s - word->s);
  return word->len > 0;
}

/* Cuts "NAME=VALUE"; a word without '=' has an empty value. */
static void cut(struct field word, struct field *name, struct field *value)
{
  char const *equals = memchr(word.s, '=', word.len);
  *name = *value = word;
  if (equals) name->len = (size_t)(equals - word.s);
  value->s = equals ? equals + 1 : word.s + word.len;
  value->len = (size_t)(word.s + word.len - value->s);
}

enum { SIZE_DIGITS = 20 };   /* RFC 1870 */

static bool size_value(struct parameters *to, struct field value)
{
  uint64_t n = 0;
  if (!value.len || value.len > SIZE_DIGITS) return false;
  for (size_t i = 0; i < value.len; i++) {
    if (value.s[i] < '0' || value.s[i] > '9') return false;
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(value.s[i] - '0'), &n))
      n = UINT64_MAX;
  }
  to->size = n;
  return true;
}

/* The body is stored as it comes, so the two words need no memory. */
static bool body_value(struct parameters *to, struct field value)
{
  (void)to;
  return is(value, "7BIT") || is(value, "8BITMIME");
}

/* RFC 4954 5: who the message is from, told in confidence; a server that confides in nobody takes it for <>. Clients
   add AUTH=<> unasked. */
static bool auth_value(struct parameters *to, struct field value)
{
  (void)to;
  return value.len > 0;
}

static bool extra(struct parameters *to, enum envelope_extra letter, struct field value)
{
  if (!extra_fits((char)letter, value.s, value.len)) return false;
  to->extras[to->count].letter = letter;
  to->extras[to->count++].value = value;
  return true;
}

static bool ret_value(struct parameters *to, struct field value)
{
  if (is(value, "FULL")) return extra(to, EXTRA_RET, field_of("FULL"));
  return is(value, "HDRS") && extra(to, EXTRA_RET, field_of("HDRS"));
}

static bool envid_value(struct parameters *to, struct field value)
{
  return extra(to, EXTRA_ENVID, value);
}

static bool notify_value(struct parameters *to, struct field value)
{
  unsigned wishes = notify_scan(value.s, value.len);
  return wishes && extra(to, EXTRA_NOTIFY, (struct field){ to->notify, notify_format(to->notify, wishes) });
}

/* What goes on with the message is ASCII, so that it passes everywhere. False when there is no room. */
static bool put_wide(char *to, size_t *len, char const *character, size_t n)
{
  char wide[XTEXT_WIDE];
  size_t more = n > 1 ? xtext_wide(wide, character, n) : n;
  if (more > EXTRA_VALUE_MAX - *len) return false;
  memcpy(to + *len, n > 1 ? wide : character, more);
  *len += more;
  return true;
}

/* Characters beyond ASCII are written as ASCII by who has not asked for more (RFC 6533 section 3). */
static bool orcpt_value(struct parameters *to, struct field value)
{
  size_t len = 0;
  if (utf8_is_ascii(value.s, value.len)) return extra(to, EXTRA_ORCPT, value);
  if (!to->utf8 || !extra_fits(EXTRA_ORCPT, value.s, value.len)) return false;
  for (size_t i = 0, n; i < value.len; i += n) {
    n = utf8_character(value.s + i, value.len - i);
    if (!put_wide(to->original, &len, value.s + i, n)) return false;
  }
  return extra(to, EXTRA_ORCPT, (struct field){ to->original, len });
}

/* It has no value, not even an empty one (RFC 6531 3.4). */
static bool utf8_value(struct parameters *to, struct field value)
{
  to->utf8 = !value.len && value.s[-1] != '=';
  return to->utf8 && extra(to, EXTRA_SMTPUTF8, value);
}

enum verb { OF_MAIL, OF_RCPT };

static struct word { char const *name; enum verb verb; unsigned extension; bool (*value)(struct parameters *, struct field); }
const known[] = {
  { "SIZE",   OF_MAIL, 0,              size_value },
  { "BODY",   OF_MAIL, 0,              body_value },
  { "AUTH",   OF_MAIL, 0,              auth_value },
  { "RET",    OF_MAIL, PARAMETERS_DSN, ret_value },
  { "ENVID",  OF_MAIL, PARAMETERS_DSN, envid_value },
  { "SMTPUTF8", OF_MAIL, PARAMETERS_UTF8, utf8_value },
  { "NOTIFY", OF_RCPT, PARAMETERS_DSN, notify_value },
  { "ORCPT",  OF_RCPT, PARAMETERS_DSN, orcpt_value },
};
enum { KNOWN = sizeof known / sizeof *known };

static size_t find(enum verb verb, unsigned offered, struct field name)
{
  size_t i = 0;
  while (i < KNOWN && !(known[i].verb == verb && is(name, known[i].name))) i++;
  return i < KNOWN && (known[i].extension & ~offered) ? KNOWN : i;
}

static enum parameters_result take(struct parameters *to, enum verb verb, unsigned offered, struct field rest)
{
  struct field word, name, value;
  bool seen[KNOWN] = { false };
  to->size = to->count = 0;
  to->utf8 = verb == OF_RCPT && offered & PARAMETERS_UTF8;
  while (next_word(&rest, &word)) {
    cut(word, &name, &value);
    size_t i = find(verb, offered, name);
    if (i == KNOWN) return PARAMETERS_UNKNOWN;
    if (seen[i] || !known[i].value(to, value)) return PARAMETERS_BAD_VALUE;
    seen[i] = true;
  }
  return PARAMETERS_OK;
}

enum parameters_result parameters_of_mail(struct parameters *to, unsigned offered, char const *s, size_t len)
{
  return take(to, OF_MAIL, offered, (struct field){ s, len });
}

enum parameters_result parameters_of_rcpt(struct parameters *to, unsigned offered, char const *s, size_t len)
{
  return take(to, OF_RCPT, offered, (struct field){ s, len });
}
