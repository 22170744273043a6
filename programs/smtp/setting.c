#include <stdlib.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "refusal.h"
#include "setting.h"

static bool take_line(struct setting const *s, char const *value)
{
  return !*value || bytes_set(s->to, value);
}

static bool take_digits(unsigned long *to, char const *value)
{
  if (*value < '0' || *value > '9') return false;
  *to = strtoul(value, 0, 10);
  return true;
}

static bool take_number(struct setting const *s, char const *value)
{
  if (!take_digits(s->to, value)) strerr_warnw("no number: ", s->variable, "=", value);
  return true;
}

static bool take_limit(struct setting const *s, char const *value)
{
  unsigned long *limit = s->to;
  if (!take_digits(limit, value)) *limit = 0;
  return true;
}

static bool take_presence(struct setting const *s, char const *value)
{
  (void)value;
  *(bool *)s->to = true;
  return true;
}

static bool take_whether_is(struct setting const *s, char const *value)
{
  *(bool *)s->to = !strcmp(value, s->word);
  return true;
}

static bool take_whether_has(struct setting const *s, char const *value)
{
  size_t len = strlen(s->word);
  bool has = false;
  while (*value) {
    size_t n = strcspn(value, " ");
    if (n == len && !memcmp(value, s->word, len)) has = true;
    value += n + strspn(value + n, " ");
  }
  *(bool *)s->to = has;
  return true;
}

/* The words of rblsmtpd: a text that begins with a hyphen means for ever. */
static bool take_blocking(struct setting const *s, char const *value)
{
  struct refusal_made *to = s->to;
  if (!*value) return true;
  bool for_ever = *value == '-';
  bool done = bytes_set(&to->text, for_ever ? "5.7.1 " : "4.7.1 ");
  value += for_ever;
  for (size_t i = 0; done && value[i] && i < SETTING_BLOCKING_MAX; i++)
    done = bytes_addc(&to->text, value[i] >= ' ' && value[i] <= '~' ? value[i] : '?');
  if (!done || !bytes_end(&to->text)) return false;
  to->refusal = (struct refusal){ .code = for_ever ? 553 : 451, .text = to->text.s };
  return true;
}

static bool (*const takes[])(struct setting const *, char const *) = {
  [SETTING_LINE] = take_line, [SETTING_NUMBER] = take_number, [SETTING_LIMIT] = take_limit,
  [SETTING_THERE] = take_presence, [SETTING_IS] = take_whether_is, [SETTING_HAS] = take_whether_has,
  [SETTING_BLOCKING] = take_blocking
};

void setting_forget(struct setting const *table)
{
  for (struct setting const *s = table; s->variable; s++) {
    if (s->kind == SETTING_THERE || s->kind == SETTING_IS || s->kind == SETTING_HAS) *(bool *)s->to = false;
    if (s->kind == SETTING_BLOCKING) ((struct refusal_made *)s->to)->text.len = 0;
  }
}

bool setting_load(struct setting const *table)
{
  for (struct setting const *s = table; s->variable; s++) {
    char const *value = getenv(s->variable);
    if (value && !takes[s->kind](s, value)) return false;
  }
  return true;
}
