#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <skalibs/bytestr.h>

#include "list_request.h"
#include "text.h"

static struct { char const *called, *is; } const aliases[] = {
  { "sub", "subscribe" }, { "unsub", "unsubscribe" }, { "remove", "unsubscribe" }, { "signoff", "unsubscribe" }, { "ind", "index" },
  { "rev", "list" }, { "review", "list" }, { "recipients", "list" }, { "who", "list" }, { "showdist", "list" },
  { "system", "help" }, { "put", "help" }, { "set", "help" },
};

static struct field behind(struct field f, size_t len)
{
  return (struct field){ f.s + len, f.len - len };
}

/* The index of the byte, or len. */
static size_t at_byte(struct field f, char c)
{
  char const *at = f.len ? memchr(f.s, c, f.len) : 0;
  return at ? (size_t)(at - f.s) : f.len;
}

static bool is_clean(struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    unsigned char const c = (unsigned char)f.s[i];
    if (c > 127 || !(isalnum(c) || (c && strchr(".-_+", c)))) return false;
  }
  return true;
}

/* "box@host", "box", and with '=' for '@' where that is said. */
static bool scan_name(struct request_name *n, struct field f, char at_sign)
{
  size_t const at = at_byte(f, at_sign);
  *n = (struct request_name){ { f.s, at }, { 0, 0 } };
  if (at < f.len) n->host = behind(f, at + 1);
  return f.len && is_clean(n->box) && is_clean(n->host);
}

static bool split_command(struct list_request *r, struct field text)
{
  size_t const at = at_byte(text, '-');
  r->word = (struct field){ text.s, at };
  return at && is_clean(r->word) && (at == text.len || scan_name(&r->user, behind(text, at + 1), '='));
}

bool list_request_command(struct list_request *r, struct field text)
{
  *r = (struct list_request){ .is_address = false };
  return split_command(r, text);
}

static bool scan_address(struct list_request *r, struct field word)
{
  size_t const at = at_byte(word, '@');
  r->is_address = true;
  r->list = (struct request_name){ { word.s, at }, behind(word, at + 1) };
  for (size_t i = 0; i < at; i++)
    if (word.s[i] != '=' && !is_clean((struct field){ word.s + i, 1 })) return false;
  return at && is_clean(r->list.host);
}

bool list_request_scan(struct list_request *r, struct field line, bool global)
{
  *r = (struct list_request){ .is_address = false };
  struct field const word = field_word(&line), first = field_word(&line), second = field_word(&line);
  if (field_word(&line).len || !word.len) return false;
  if (at_byte(word, '@') < word.len) return scan_address(r, word);
  r->word = word;
  if (!is_clean(word)) return false;
  if (second.len) return scan_name(&r->list, first, '@') && scan_name(&r->user, second, '@');
  return !first.len || scan_name(global ? &r->list : &r->user, first, '@');
}

bool list_request_split(struct list_request *r, struct field name)
{
  struct field const box = r->list.box;
  if (box.len <= name.len + 1 || strncasecmp(box.s, name.s, name.len) != 0 || box.s[name.len] != '-') return false;
  r->list.box.len = name.len;
  return split_command(r, behind(box, name.len + 1));
}

void list_request_word(stralloc *to, struct field word)
{
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
    if (word.len == strlen(aliases[i].called) && !strncasecmp(word.s, aliases[i].called, word.len)) {
      text_add(to, aliases[i].is);
      return;
    }
  size_t const was = to->len;
  text_addb(to, word.s, word.len);
  case_lowerb(to->s + was, word.len);
}
