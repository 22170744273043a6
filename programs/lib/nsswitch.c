#include <string.h>
#include <strings.h>

#include "nsswitch.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static size_t while_blank(char const *s, size_t len)
{
  size_t n = 0;
  while (n < len && is_blank(s[n])) n++;
  return n;
}

/* ---- lines ---- */

/* The list behind "database:", or null. *len becomes its length, a comment cut. */
static char const *list_of(char const *database, char const *line, size_t *len)
{
  char const *hash = memchr(line, '#', *len);
  if (hash) *len = (size_t)(hash - line);
  size_t skip = while_blank(line, *len), name = strlen(database);
  if (*len - skip <= name || memcmp(line + skip, database, name) != 0) return 0;
  skip += name;
  skip += while_blank(line + skip, *len - skip);
  if (skip == *len || line[skip] != ':') return 0;
  *len -= skip + 1;
  return line + skip + 1;
}

struct nsswitch_list nsswitch_list(char const *database, char const *text, size_t len)
{
  struct nsswitch_list found = { 0, 0, 0 };
  char const *end = text + len;
  size_t number = 1;
  for (char const *line = text, *newline; line < end; line = newline + 1, number++) {
    newline = memchr(line, '\n', (size_t)(end - line));
    if (!newline) newline = end;
    size_t list_len = (size_t)(newline - line);
    char const *list = list_of(database, line, &list_len);
    if (list) found = (struct nsswitch_list){ list, list_len, number };
  }
  return found;
}

/* ---- words ---- */

/* A service, or what to do after it in brackets, blanks and all. */
static size_t word_len(char const *s, size_t len)
{
  char const *end = s[0] == '[' ? memchr(s, ']', len) : 0;
  size_t n = 0;
  if (s[0] == '[') return end ? (size_t)(end - s) + 1 : len;
  while (n < len && s[n] != '[' && !is_blank(s[n])) n++;
  return n;
}

static bool ends_search(char const *s, size_t len)
{
  static char const last_word[] = "NOTFOUND=return";
  size_t const n = sizeof last_word - 1;
  for (size_t i = 1; i + n <= len; i++)
    if (s[i - 1] != '!' && !strncasecmp(s + i, last_word, n)) return true;
  return false;
}

bool nsswitch_next(struct nsswitch_service *service, struct nsswitch_list const *list, size_t *at)
{
  for (;;) {
    *at += while_blank(list->s + *at, list->len - *at);
    if (*at == list->len) return false;
    char const *word = list->s + *at;
    size_t len = word_len(word, list->len - *at);
    *at += len;
    if (word[0] == '[' && ends_search(word, len)) *at = list->len;
    if (word[0] == '[') continue;
    *service = (struct nsswitch_service){ word, len };
    return true;
  }
}

/* ---- services ---- */

static bool is_one_of(struct nsswitch_service const *s, char const *const *names)
{
  for (; *names; names++)
    if (s->len == strlen(*names) && !memcmp(s->s, *names, s->len)) return true;
  return false;
}

bool nsswitch_is_files(struct nsswitch_service const *service)
{
  static char const *const files[] = { "files", "compat", 0 };
  return is_one_of(service, files);
}

/* These ask no server. */
static bool is_of_this_host(struct nsswitch_service const *service)
{
  static char const *const here[] = { "db", "systemd", "mymachines", "altfiles", "extrausers", 0 };
  return is_one_of(service, here);
}

bool nsswitch_before_files(struct nsswitch_service *found, struct nsswitch_list const *list)
{
  struct nsswitch_service s;
  bool is_found = false;
  for (size_t at = 0; list->s && nsswitch_next(&s, list, &at);) {
    if (nsswitch_is_files(&s)) return is_found;
    if (is_found || is_of_this_host(&s)) continue;
    *found = s;
    is_found = true;
  }
  return false;
}

bool nsswitch_asks_afar(struct nsswitch_list const *list)
{
  static char const *const here[] = { "files", "sss", "winbind", 0 };
  struct nsswitch_service s;
  for (size_t at = 0; list->s && nsswitch_next(&s, list, &at);)
    if (!is_one_of(&s, here) && !is_of_this_host(&s)) return true;
  return false;
}
