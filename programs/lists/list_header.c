#include <string.h>
#include <strings.h>

#include "list_header.h"
#include "list_words.h"
#include "text.h"

void list_header_read(struct mail_header *h, struct list const *l, buffer *in)
{
  switch (mail_header_read(h, in)) {
    case MAIL_HEADER_OK: break;
    case MAIL_HEADER_TOO_LONG: list_die(LIST_REFUSED, l, "ERR_HEADER_TOO_LONG", 0, 0);
    default: list_die_system(l, "ERR_READ_INPUT", 0);
  }
}

struct field list_header_value(struct mail_header const *h, char const *name)
{
  struct field value;
  return mail_header_find(&value, h, name) ? value : (struct field){ "", 0 };
}

bool list_header_is(struct mail_header const *h, struct mail_header_field const *f, char const *name)
{
  struct field is = mail_header_name(h, f);
  return is.len == strlen(name) && !strncasecmp(is.s, name, is.len);
}

/* The word, whole, and what may stand behind it. */
static bool first_word_is(struct field value, char const *word)
{
  size_t const len = strlen(word);
  return value.len >= len && !strncasecmp(value.s, word, len) && (value.len == len || strchr("; \t(", value.s[len]));
}

bool list_header_automatic(struct mail_header const *h)
{
  static char const *const for_many[] = { "bulk", "junk", "list" };
  struct field value;
  if (mail_header_find(&value, h, "auto-submitted") && !first_word_is(value, "no")) return true;
  if (!mail_header_find(&value, h, "precedence")) return false;
  for (size_t i = 0; i < sizeof for_many / sizeof *for_many; i++)
    if (first_word_is(value, for_many[i])) return true;
  return false;
}

bool list_header_marked(struct mail_header const *h, struct list const *l, char const *part)
{
  stralloc mark = STRALLOC_ZERO;
  bool found = false;
  text_add(&mark, part);
  text_addc(&mark, ' ');
  text_addx(&mark, &l->local);
  text_addc(&mark, '@');
  text_addx(&mark, &l->host);
  for (size_t i = 0; i < mail_header_count(h) && !found; i++) {
    struct mail_header_field const *f = mail_header_field(h, i);
    struct field value = mail_header_value(h, f);
    found = list_header_is(h, f, "delivered-to") && value.len == mark.len && !strncasecmp(value.s, mark.s, mark.len);
  }
  stralloc_free(&mark);
  return found;
}
