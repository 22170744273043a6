#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "envelope_extra.h"
#include "notify.h"
#include "utf8.h"
#include "xtext.h"

/* ---- values ---- */

static bool is_envid(struct field f)
{
  return f.len <= EXTRA_ENVID_MAX && xtext_is_printable(f.s, f.len);
}

static bool is_ret(struct field f)
{
  return field_is(f, "FULL") || field_is(f, "HDRS");
}

static bool is_body(struct field f)
{
  return field_is(f, "7BIT") || field_is(f, "8BITMIME") || field_is(f, "BINARYMIME");
}

static bool is_nothing(struct field f)
{
  return !f.len;
}

static bool is_notify(struct field f)
{
  char text[NOTIFY_TEXT];
  unsigned wishes = notify_scan(f.s, f.len);
  return wishes && notify_format(text, wishes) == f.len && !memcmp(text, f.s, f.len);
}

static bool is_atom(struct field f)
{
  for (size_t i = 0; i < f.len; i++)
    if (f.s[i] <= ' ' || f.s[i] == 127 || strchr("()<>@,;:\\\"/[]?.=+", f.s[i])) return false;
  return f.len > 0;
}

/* Xtext in which characters beyond ASCII stand for themselves. */
static bool is_wide_xtext(struct field f)
{
  for (size_t i = 0; i < f.len;) {
    size_t run = i;
    while (run < f.len && (unsigned char)f.s[run] < 128) run++;
    if (run > i && !xtext_is_printable(f.s + i, run - i)) return false;
    while (run < f.len && (unsigned char)f.s[run] >= 128) {
      size_t character = utf8_character(f.s + run, f.len - run);
      if (character < 2) return false;
      run += character;
    }
    i = run;
  }
  return f.len > 0;
}

static bool is_orcpt(struct field f)
{
  char const *semicolon = f.len && f.len <= EXTRA_VALUE_MAX ? memchr(f.s, ';', f.len) : 0;
  if (!semicolon) return false;
  struct field type = { f.s, (size_t)(semicolon - f.s) }, address = { semicolon + 1, f.len - type.len - 1 };
  if (!is_atom(type)) return false;
  bool wide = type.len == strlen("utf-8") && !strncasecmp(type.s, "utf-8", type.len);
  return wide ? is_wide_xtext(address) : xtext_is_printable(address.s, address.len);
}

static struct { char letter; bool of_recipient; bool (*fits)(struct field value); } const kinds[EXTRA_KINDS] = {
  { EXTRA_ENVID,    false, is_envid },
  { EXTRA_RET,      false, is_ret },
  { EXTRA_BODY,     false, is_body },
  { EXTRA_SMTPUTF8, false, is_nothing },
  { EXTRA_NOTIFY,   true,  is_notify },
  { EXTRA_ORCPT,    true,  is_orcpt }
};

static size_t kind_of(char letter)
{
  size_t i = 0;
  while (i < EXTRA_KINDS && kinds[i].letter != letter) i++;
  return i;
}

bool extra_is_known(char letter, bool of_recipient)
{
  size_t i = kind_of(letter);
  return i < EXTRA_KINDS && kinds[i].of_recipient == of_recipient;
}

bool extra_fits(char letter, char const *s, size_t len)
{
  size_t i = kind_of(letter);
  return i < EXTRA_KINDS && kinds[i].fits((struct field){ s, len });
}

unsigned extra_bit(char letter)
{
  size_t i = kind_of(letter);
  return i < EXTRA_KINDS ? 1U << i : 0;
}

/* ---- words ---- */

int extra_add(stralloc *words, char letter, char const *s, size_t len)
{
  size_t before = words->len;
  if ((!before || bytes_addc(words, ' ')) && bytes_addc(words, letter) && bytes_addb(words, s, len)) return 1;
  words->len = before;
  return 0;
}

static struct field next_word(struct field *rest)
{
  while (rest->len && *rest->s == ' ') rest->s++, rest->len--;
  char const *blank = rest->len ? memchr(rest->s, ' ', rest->len) : 0;
  struct field word = { rest->s, blank ? (size_t)(blank - rest->s) : rest->len };
  rest->s += word.len;
  rest->len -= word.len;
  return word;
}

bool extra_find(struct field *value, char const *words, size_t len, char letter)
{
  struct field rest = { words, len }, word;
  while ((word = next_word(&rest)).len) {
    if (*word.s != letter) continue;
    *value = (struct field){ word.s + 1, word.len - 1 };
    return extra_fits(letter, value->s, value->len);
  }
  return false;
}

unsigned extra_notify(char const *words, size_t len)
{
  struct field value;
  return extra_find(&value, words, len, EXTRA_NOTIFY) ? notify_scan(value.s, value.len) : 0;
}

struct field extras_line(char const *extras, size_t number)
{
  while (number && *extras) number -= *extras++ == '\n';
  return (struct field){ extras, number ? 0 : strcspn(extras, "\n") };
}
