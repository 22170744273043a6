#include <string.h>
#include <strings.h>

#include "instructions.h"
#include "qlist_text.h"
#include "slips.h"
#include "text.h"

static bool next_line(struct field *line, struct field *rest)
{
  if (!rest->len) return false;
  char const *end = memchr(rest->s, '\n', rest->len);
  *line = (struct field){ rest->s, end ? (size_t)(end - rest->s) + 1 : rest->len };
  *rest = (struct field){ rest->s + line->len, rest->len - line->len };
  return true;
}

/* ---- what is asked ---- */

static enum qlist_wish wish_of(struct field line)
{
  static struct { char const *begin; enum qlist_wish wish; } const words[] = {
    { "subs", QLIST_SUBSCRIBE }, { "unsu", QLIST_UNSUBSCRIBE }
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (line.len >= strlen(words[i].begin) && !strncasecmp(line.s, words[i].begin, strlen(words[i].begin))) return words[i].wish;
  return QLIST_NOTHING;
}

enum qlist_wish qlist_wish(struct field body, struct field subject)
{
  enum qlist_wish last = QLIST_NOTHING;
  for (struct field line; next_line(&line, &body);) {
    enum qlist_wish wish = wish_of(line);
    if (wish != QLIST_NOTHING) last = wish;
  }
  return last != QLIST_NOTHING ? last : wish_of(field_trimmed(subject));
}

/* ---- the address ---- */

bool qlist_is_fit(struct field address)
{
  char text[QLIST_ADDRESS_MAX + 2] = "&";
  struct instruction in;
  size_t at = 0;
  if (!address.len || *address.s == '@' || address.len > QLIST_ADDRESS_MAX || !memchr(address.s, '@', address.len)) return false;
  memcpy(text + 1, address.s, address.len);
  bool is_line = instruction_next(&in, text, address.len + 1, &at) && in.kind == INSTRUCTION_FORWARD && !slip_of(&in);
  return is_line && field_same((struct field){ in.text, in.len }, address);
}

/* ---- the file ---- */

static bool is_line_of(struct field line, struct field address)
{
  struct field f = field_trimmed(line);
  return line.s[0] == '&' && f.len == address.len + 1 && !strncasecmp(f.s + 1, address.s, address.len);
}

static bool has(struct field file, struct field address)
{
  for (struct field line; next_line(&line, &file);)
    if (is_line_of(line, address)) return true;
  return false;
}

static void add_line(stralloc *to, struct field address)
{
  if (to->len && to->s[to->len - 1] != '\n') text_addc(to, '\n');
  text_addc(to, '&');
  text_addb(to, address.s, address.len);
  text_addc(to, '\n');
}

bool qlist_edit(stralloc *to, struct field file, struct field address, bool shall_have)
{
  if (has(file, address) == shall_have) return false;
  for (struct field line; next_line(&line, &file);)
    if (!is_line_of(line, address)) text_addb(to, line.s, line.len);
  if (shall_have) add_line(to, address);
  return true;
}
