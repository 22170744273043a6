#include <string.h>

#include <skalibs/types.h>

#include "address.h"
#include "bytes.h"
#include "takeover_envelope.h"

static bool skip(char const **s, char const *end, char const *word)
{
  size_t n = strlen(word);
  if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0) return false;
  *s += n;
  return true;
}

static bool take_number(char const **s, char const *end, uint64_t *number)
{
  char const *from = *s;
  uint64_t n = 0;
  for (; *s < end && **s >= '0' && **s <= '9'; ++*s)
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(**s - '0'), &n)) return false;
  *number = n;
  return *s > from;
}

bool old_received(char const *s, size_t len, uint64_t *pid, char const **who, size_t *who_len)
{
  char const *newline = len ? memchr(s, '\n', len) : 0;
  if (!newline) return false;
  char const *at = s;
  if (!skip(&at, newline, "Received: (qmail ") || !take_number(&at, newline, pid)
      || !skip(&at, newline, " invoked ")) return false;
  char const *close = memchr(at, ')', (size_t)(newline - at));
  if (!close) return false;
  *who = at;
  *who_len = (size_t)(close - at);
  return true;
}

/* Whether the candidate routes to the local channel as the stored address. */
static int leads_to(struct route_table *table, stralloc *scratch, char const *candidate, size_t candidate_len,
                    char const *stored, size_t len)
{
  int channel = route_surely(table, scratch, candidate, candidate_len);
  if (channel == -1) return -1;
  return channel == CHANNEL_LOCAL && scratch->len == len && !memcmp(scratch->s, stored, len);
}

/* The stored address itself, then what is behind each hyphen of its box. */
static int find(struct route_table *table, stralloc *scratch, char const *stored, size_t len, size_t *at)
{
  size_t box = address_at(stored, len);
  for (*at = 0; *at <= box; ++*at) {
    if (*at && stored[*at - 1] != '-') continue;
    int r = leads_to(table, scratch, stored + *at, len - *at, stored, len);
    if (r) return r;
  }
  return 0;
}

int old_local_recipient(struct route_table *table, stralloc *to, char const *stored, size_t len)
{
  stralloc scratch = STRALLOC_ZERO;
  size_t at;
  int found = find(table, &scratch, stored, len, &at);
  stralloc_free(&scratch);
  if (found == -1) return -1;
  if (found) return bytes_setb(to, stored + at, len - at) ? 1 : -1;
  if (!table->locals.count) return bytes_setb(to, stored, len) ? 0 : -1;
  struct nameset_entry const *local = table->locals.entries;
  return bytes_setb(to, stored, address_at(stored, len)) && bytes_addc(to, '@')
      && bytes_addb(to, table->locals.text.s + local->name, local->name_len) ? 0 : -1;
}
