#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "manage_request.h"
#include "number.h"
#include "text.h"

static struct { char const *name; enum manage_word word; bool whole; } const words[] = {
  { "subscribe", WORD_SUBSCRIBE, true }, { "unsubscribe", WORD_UNSUBSCRIBE, true }, { "listn", WORD_LISTN, true },
  { "list", WORD_LIST, true }, { "help", WORD_HELP, true }, { "query", WORD_QUERY, false }, { "info", WORD_INFO, false },
  { "faq", WORD_FAQ, false }, { "log", WORD_LOG, false }, { "edit", WORD_EDIT, false }, { "get", WORD_GET, false },
};

static struct field behind(struct field f, size_t len)
{
  return (struct field){ f.s + len, f.len - len };
}

static bool begins(struct field f, char const *with)
{
  size_t const len = strlen(with);
  return f.len >= len && !strncasecmp(f.s, with, len);
}

static bool scan_table(struct manage_request *r, struct field *text)
{
  static char const *const tables[] = { "digest", "allow", "deny" };
  r->table = "";
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    size_t const len = strlen(tables[i]);
    if (!begins(*text, tables[i])) continue;
    if (text->len == len || text->s[len] != '-') return false;
    r->table = tables[i];
    *text = behind(*text, len + 1);
    return true;
  }
  return true;
}

/* "TIME.COOKIE" */
static void scan_confirmation(struct manage_request *r, struct field rest)
{
  r->word = WORD_CONFIRM;
  r->dated = cookie_read(&r->cookie, &rest) && !rest.len;
}

/* "TIME.FILE.COOKIE" */
static void scan_edited(struct manage_request *r, struct field rest)
{
  size_t const digits = number_scan(rest.s, rest.len, &r->cookie.when);
  r->word = WORD_EDITED;
  if (!digits || rest.len < digits + 3 + COOKIE_LENGTH || rest.s[digits] != '.') return;
  if (rest.s[rest.len - COOKIE_LENGTH - 1] != '.') return;
  r->cookie.date = (struct field){ rest.s, digits };
  r->cookie.cookie = behind(rest, rest.len - COOKIE_LENGTH);
  r->argument = (struct field){ rest.s + digits + 1, rest.len - digits - 2 - COOKIE_LENGTH };
  r->dated = true;
}

static void scan_word(struct manage_request *r, struct field word)
{
  r->word = WORD_UNKNOWN;
  if (word.len >= 3 && word.s[1] == 'c' && word.s[2] == '.' && strchr("struvw", word.s[0])) {
    r->letter = word.s[0];
    scan_confirmation(r, behind(word, 3));
    return;
  }
  if (word.len >= 3 && !memcmp(word.s, "ed.", 3)) {
    scan_edited(r, behind(word, 3));
    return;
  }
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t const len = strlen(words[i].name);
    if (!begins(word, words[i].name) || (words[i].whole && word.len != len)) continue;
    r->word = words[i].word;
    r->argument = behind(word, len + (word.len > len && strchr("._", word.s[len])));
    return;
  }
}

bool manage_request_scan(struct manage_request *r, struct field text)
{
  *r = (struct manage_request){ .word = WORD_UNKNOWN };
  if (!scan_table(r, &text)) return false;
  char const *dash = text.len ? memchr(text.s, '-', text.len) : 0;
  if (dash) {
    r->target = behind(text, (size_t)(dash - text.s) + 1);
    text.len = (size_t)(dash - text.s);
  }
  scan_word(r, text);
  return true;
}

void manage_request_address(stralloc *to, struct field target)
{
  char const *at = target.len ? memrchr(target.s, '=', target.len) : 0;
  size_t const was = to->len;
  text_addb(to, target.s, target.len);
  if (at) to->s[was + (size_t)(at - target.s)] = '@';
}

bool manage_request_file(stralloc *to, struct field name)
{
  for (size_t i = 0; i < name.len; i++) {
    unsigned char const c = (unsigned char)name.s[i];
    if (c != '_' && (c > 127 || !isalpha(c))) return false;
    text_addc(to, c == '_' ? '-' : (char)tolower(c));
  }
  return name.len;
}
