#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "parameters.h"

struct slice { char const *s; size_t len; };

static bool is(struct slice a, char const *word)
{
  return a.len == strlen(word) && !strncasecmp(a.s, word, a.len);
}

static bool next_word(struct slice *rest, struct slice *word)
{
  while (rest->len && *rest->s == ' ') rest->s++, rest->len--;
  word->s = rest->s;
  while (rest->len && *rest->s != ' ') rest->s++, rest->len--;
  word->len = (size_t)(rest->s - word->s);
  return word->len > 0;
}

/* Cuts "NAME=VALUE"; a word without '=' has an empty value. */
static void cut(struct slice word, struct slice *name, struct slice *value)
{
  char const *equals = memchr(word.s, '=', word.len);
  *name = *value = word;
  if (equals) name->len = (size_t)(equals - word.s);
  value->s = equals ? equals + 1 : word.s + word.len;
  value->len = (size_t)(word.s + word.len - value->s);
}

enum { SIZE_DIGITS = 20 };   /* RFC 1870 */

static bool size_value(struct mail_parameters *to, struct slice value)
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
static bool body_value(struct mail_parameters *to, struct slice value)
{
  (void)to;
  return is(value, "7BIT") || is(value, "8BITMIME");
}

/* RFC 4954 5: who the message is from, told in confidence; a server that confides in nobody takes it for <>. Clients
   add AUTH=<> unasked. */
static bool auth_value(struct mail_parameters *to, struct slice value)
{
  (void)to;
  return value.len > 0;
}

static struct { char const *name; bool (*value)(struct mail_parameters *, struct slice); } const known[] = {
  { "SIZE", size_value },
  { "BODY", body_value },
  { "AUTH", auth_value },
};
enum { KNOWN = sizeof known / sizeof *known };

enum parameters_result parameters_of_mail(struct mail_parameters *to, char const *s, size_t len)
{
  struct slice rest = { s, len }, word, name, value;
  bool seen[KNOWN] = { false };
  *to = (struct mail_parameters){ 0 };
  while (next_word(&rest, &word)) {
    size_t i = 0;
    cut(word, &name, &value);
    while (i < KNOWN && !is(name, known[i].name)) i++;
    if (i == KNOWN) return PARAMETERS_UNKNOWN;
    if (seen[i] || !known[i].value(to, value)) return PARAMETERS_BAD_VALUE;
    seen[i] = true;
  }
  return PARAMETERS_OK;
}

enum parameters_result parameters_of_rcpt(char const *s, size_t len)
{
  struct slice rest = { s, len }, word;
  return next_word(&rest, &word) ? PARAMETERS_UNKNOWN : PARAMETERS_OK;
}
