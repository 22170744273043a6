#include <string.h>
#include <strings.h>

#include "list_address.h"

/* What may follow a word. */
enum what_follows {
  NOTHING_OR_TARGET,    /* -user=host */
  ANYTHING              /* a number, a format, a cookie, a target */
};

static struct { char const *word; enum what_follows then; } const words[] = {
  { "subscribe",   NOTHING_OR_TARGET },
  { "unsubscribe", NOTHING_OR_TARGET },
  { "help",        NOTHING_OR_TARGET },
  { "list",        NOTHING_OR_TARGET },
  { "listn",       NOTHING_OR_TARGET },
  { "request",     NOTHING_OR_TARGET },
  { "moderators",  NOTHING_OR_TARGET },   /* who sees it in To answers to all */
  { "sc.", ANYTHING }, { "tc.", ANYTHING }, { "rc.", ANYTHING },
  { "uc.", ANYTHING }, { "vc.", ANYTHING }, { "wc.", ANYTHING }, { "ed.", ANYTHING },
  { "info",   ANYTHING },
  { "faq",    ANYTHING },
  { "query",  ANYTHING },
  { "log",    ANYTHING },
  { "edit",   ANYTHING },
  { "get",    ANYTHING },
  { "index",  ANYTHING },
  { "thread", ANYTHING },
  { "dig.",   ANYTHING },
  { "dig-",   ANYTHING },
  { "digest", NOTHING_OR_TARGET }, { "digest.", ANYTHING },
  { "return-", ANYTHING },                /* answers to tables have it as their sender */
};

static char const *const tables[] = { "digest-", "allow-", "deny-" };

static bool begins(char const *s, size_t len, char const *with)
{
  size_t with_len = strlen(with);
  return len >= with_len && !strncasecmp(s, with, with_len);
}

static bool is_word(char const *s, size_t len)
{
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t word = strlen(words[i].word);
    if (begins(s, len, words[i].word) && (words[i].then == ANYTHING || len == word || s[word] == '-')) return true;
  }
  return false;
}

bool list_address_known(char const *rest, size_t len)
{
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    size_t table = strlen(tables[i]);
    if (begins(rest, len, tables[i])) return is_word(rest + table, len - table);
  }
  return is_word(rest, len);
}

bool list_address_is_manager(char const *name, char const *target, size_t len, size_t *stem)
{
  static char const file[] = "/manager", ending[] = "-default";
  size_t const file_len = sizeof file - 1, ending_len = sizeof ending - 1, name_len = strlen(name);
  if (len <= file_len || *target != '/' || memcmp(target + len - file_len, file, file_len) != 0) return false;
  if (name_len <= ending_len || strcmp(name + name_len - ending_len, ending) != 0) return false;
  *stem = name_len - ending_len + 1;
  return true;
}
