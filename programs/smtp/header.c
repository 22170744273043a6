#include <string.h>
#include <strings.h>

#include "header.h"

enum { START, NAME, BLANKS /* behind the name */, TEXT };

static bool is_named(struct header const *h, char const *name)
{
  return h->name_len == strlen(name) && !strncasecmp(h->name, name, h->name_len);
}

static void end_name(struct header *h)
{
  h->at = TEXT;
  if (is_named(h, "Date")) h->has_date = true;
  if (is_named(h, "Message-ID")) h->has_id = true;
}

static void no_field(struct header *h, char c)
{
  h->is_none = true;
  h->at = c == '\n' ? START : TEXT;
}

static void begin_line(struct header *h, char c)
{
  h->name_len = 0;
  if (c == ' ' || c == '\t') h->at = TEXT;
  else h->at = NAME;
}

static void take(struct header *h, char c)
{
  if (h->at == START) begin_line(h, c);
  if (h->at == TEXT) {
    if (c == '\n') h->at = START;
  } else if (c == ':' && h->name_len) {
    end_name(h);
  } else if ((c == ' ' || c == '\t') && h->name_len) {
    h->at = BLANKS;
  } else if (h->at == BLANKS || c <= ' ' || c > '~' || c == ':') {
    no_field(h, c);
  } else if (h->name_len < HEADER_NAME) {
    h->name[h->name_len++] = c;
  }
}

size_t header_take(struct header *h, char const *s, size_t len)
{
  for (size_t i = 0; i < len && !h->over; i++) {
    if (h->at == START && s[i] == '\n') {
      h->over = true;
      return i;
    }
    if (h->at == TEXT) {
      char const *newline = memchr(s + i, '\n', len - i);
      if (!newline) return len;
      i = (size_t)(newline - s);
    }
    take(h, s[i]);
  }
  return len;
}
