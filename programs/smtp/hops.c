#include <string.h>
#include <strings.h>

#include "hops.h"

static bool counts(struct hops const *h)
{
  return (h->at == 8 && !strncasecmp(h->word, "received", 8)) || (h->at == 9 && !strncasecmp(h->word, "delivered", 9));
}

static void take(struct hops *h, char c)
{
  if (c == '\n') {
    if (!h->at) h->in_body = true;
    h->at = 0;
  } else if (h->at < HOPS_WORD) {
    h->word[h->at++] = c;
    h->count += counts(h);
  }
}

void hops_take(struct hops *h, char const *s, size_t len)
{
  for (size_t i = 0; i < len && !h->in_body; i++) {
    if (h->at == HOPS_WORD) {
      char const *newline = memchr(s + i, '\n', len - i);
      if (!newline) return;
      i = (size_t)(newline - s);
    }
    take(h, s[i]);
  }
}
