#include <string.h>
#include <strings.h>

#include "dispatch.h"

/* A word that ends with a hyphen has something behind it. */
static struct { char const *word, *file; } const addresses[] = {
  { "", "editor" },
  { "owner", "owner" },
  { "digest-owner", "owner" },
  { "digest-return-", "digest/bouncer" },
  { "return-", "bouncer" },
  { "confirm-", "confirmer" },
  { "discard-", "confirmer" },
  { "accept-", "moderator" },
  { "reject-", "moderator" },
};

static bool fits(struct field rest, char const *word)
{
  size_t len = strlen(word);
  bool more = len && word[len - 1] == '-';
  return (more ? rest.len > len : rest.len == len) && !strncasecmp(rest.s, word, len);
}

void dispatch(struct dispatched *to, struct field rest)
{
  *to = (struct dispatched){ .file = "manager", .rest = rest };
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    size_t len = strlen(addresses[i].word);
    if (!fits(rest, addresses[i].word)) continue;
    to->file = addresses[i].file;
    to->is_plain = rest.len == len;
    to->rest = (struct field){ rest.s + len, rest.len - len };
    return;
  }
}

bool dispatch_name(struct field text, size_t *len)
{
  if (!text.len || *text.s == '.' || memchr(text.s, '/', text.len) || memchr(text.s, 0, text.len)) return false;
  if (*len > text.len) return *len = text.len, true;
  char const *hyphen = memrchr(text.s, '-', *len);
  if (!hyphen || hyphen == text.s) return false;
  *len = (size_t)(hyphen - text.s);
  return true;
}
