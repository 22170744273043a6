#include <string.h>
#include <strings.h>

#include "notify.h"

static struct { char const *word; unsigned bit; } const words[] = {
  { "NEVER",   NOTIFY_NEVER },
  { "SUCCESS", NOTIFY_SUCCESS },
  { "FAILURE", NOTIFY_FAILURE },
  { "DELAY",   NOTIFY_DELAY }
};
enum { WORDS = sizeof words / sizeof *words };

static unsigned bit_of(char const *s, size_t len)
{
  for (size_t i = 0; i < WORDS; i++)
    if (len == strlen(words[i].word) && !strncasecmp(s, words[i].word, len)) return words[i].bit;
  return 0;
}

unsigned notify_scan(char const *s, size_t len)
{
  unsigned wishes = 0;
  for (size_t at = 0; at <= len;) {
    char const *comma = at < len ? memchr(s + at, ',', len - at) : 0;
    size_t end = comma ? (size_t)(comma - s) : len;
    unsigned bit = bit_of(s + at, end - at);
    if (!bit) return 0;
    wishes |= bit;
    at = end + 1;
  }
  return wishes & NOTIFY_NEVER && wishes != NOTIFY_NEVER ? 0 : wishes;
}

size_t notify_format(char to[NOTIFY_TEXT], unsigned wishes)
{
  size_t len = 0;
  for (size_t i = 0; i < WORDS; i++) {
    if (!(wishes & words[i].bit)) continue;
    if (len) to[len++] = ',';
    size_t word_len = strlen(words[i].word);
    memcpy(to + len, words[i].word, word_len);
    len += word_len;
  }
  return len;
}
