#include <string.h>

#include "limit_line.h"
#include "network.h"
#include "number.h"
#include "parts.h"

char const *const limit_subjects[LIMIT_SUBJECTS] = { [LIMIT_ADDRESS] = "address", [LIMIT_LOGIN] = "login", [LIMIT_DOMAIN] = "domain" };
char const *const limit_whats[LIMIT_WHATS] = {
  [LIMIT_CONNECTIONS] = "connections", [LIMIT_MESSAGES] = "messages", [LIMIT_RECIPIENTS] = "recipients"
};
char const *const limit_periods[LIMIT_PERIODS] = { [LIMIT_MINUTE] = "minute", [LIMIT_HOUR] = "hour", [LIMIT_DAY] = "day" };
uint32_t const limit_seconds[LIMIT_PERIODS] = { [LIMIT_MINUTE] = 60, [LIMIT_HOUR] = 3600, [LIMIT_DAY] = 86400 };

/* ---- the name ---- */

static bool is_network(struct field name)
{
  struct network n;
  return network_read(&n, name.s, name.len);
}

static bool is_login(struct field name)
{
  return name.len > 1 || *name.s != '@';
}

static bool is_domain(struct field name)
{
  return !memchr(name.s, '@', name.len);
}

static struct { bool (*fits)(struct field); char const *otherwise; } const names[LIMIT_SUBJECTS] = {
  [LIMIT_ADDRESS] = { is_network, "no address or network such as 192.0.2.0/24 behind the word address" },
  [LIMIT_LOGIN]   = { is_login,   "nothing behind the @" },
  [LIMIT_DOMAIN]  = { is_domain,  "a domain has no @" }
};

/* ---- how much ---- */

static bool read_rate(struct limit_line *l, struct field word)
{
  uint64_t most;
  size_t n = number_scan(word.s, word.len, &most);
  if (!n || n == word.len || word.s[n] != '/' || most > LIMIT_MOST) return false;
  l->most = (uint32_t)most;
  l->period = (enum limit_period)part_word_find(limit_periods, LIMIT_PERIODS, (struct field){ word.s + n + 1, word.len - n - 1 });
  return l->period < LIMIT_PERIODS;
}

static char const *read_what(struct limit_line *l, struct field what, struct field rate)
{
  l->is_free = field_is(what, "free");
  if (l->is_free) return rate.len ? "nothing goes behind the word free" : 0;
  l->what = (enum limit_what)part_word_find(limit_whats, LIMIT_WHATS, what);
  if (l->what == LIMIT_WHATS) return "not of connections, messages or recipients, nor the word free";
  if (!read_rate(l, rate)) return "not NUMBER/minute, NUMBER/hour or NUMBER/day at its end";
  if (l->what == LIMIT_CONNECTIONS && l->subject != LIMIT_ADDRESS) return "connections are counted by address alone";
  return 0;
}

/* ---- the line ---- */

static bool is_what(struct field word)
{
  return part_word_find(limit_whats, LIMIT_WHATS, word) < LIMIT_WHATS || field_is(word, "free");
}

/* The word that is next, which is behind the class if there is one. */
static struct field read_class(struct limit_line *l, struct field *rest)
{
  struct field word = field_word(rest);
  if (word.len < 2 || word.s[word.len - 1] != ':') return word;
  l->class = (struct field){ word.s, word.len - 1 };
  return field_word(rest);
}

char const *limit_line_read(struct limit_line *l, char const *s, size_t len)
{
  struct field rest = { s, len };
  *l = (struct limit_line){ .class = { s, 0 }, .name = { s, 0 } };
  l->subject = (enum limit_subject)part_word_find(limit_subjects, LIMIT_SUBJECTS, read_class(l, &rest));
  if (l->subject == LIMIT_SUBJECTS) return "does not begin with address, login or domain";
  struct field what = field_word(&rest);
  if (what.len && !is_what(what)) {
    l->name = what;
    what = field_word(&rest);
  }
  if (l->name.len && !names[l->subject].fits(l->name)) return names[l->subject].otherwise;
  struct field rate = field_word(&rest);
  return field_word(&rest).len ? "too many words" : read_what(l, what, rate);
}
