#include <string.h>

#include "nsswitch.h"

static char const blanks[] = " \t\r";

static bool is_word(char const *s, size_t len, char const *word)
{
  return len == strlen(word) && !memcmp(s, word, len);
}

/* These read files of this host, or ask no server. */
static bool is_files(char const *s, size_t len)
{
  return is_word(s, len, "files") || is_word(s, len, "compat");
}

static bool is_of_this_host(char const *s, size_t len)
{
  return is_word(s, len, "db") || is_word(s, len, "systemd") || is_word(s, len, "mymachines") ||
    is_word(s, len, "altfiles") || is_word(s, len, "extrausers");
}

static size_t while_blank(char const *s, size_t len)
{
  size_t n = 0;
  while (n < len && strchr(blanks, s[n]) && s[n]) n++;
  return n;
}

/* A service, or what to do after it in brackets, blanks and all. */
static size_t word_len(char const *s, size_t len)
{
  size_t n = 0;
  char const *end = len && s[0] == '[' ? memchr(s, ']', len) : 0;
  if (len && s[0] == '[') return end ? (size_t)(end - s) + 1 : len;
  while (n < len && s[n] != '[' && (!strchr(blanks, s[n]) || !s[n])) n++;
  return n;
}

/* Of one list of services. */
static bool before_files(struct nsswitch_service *found, char const *s, size_t len)
{
  bool is_found = false;
  for (size_t at = while_blank(s, len), n; at < len; at += n + while_blank(s + at + n, len - at - n)) {
    n = word_len(s + at, len - at);
    if (is_files(s + at, n)) return is_found;
    if (is_found || s[at] == '[' || is_of_this_host(s + at, n)) continue;
    found->name = s + at;
    found->len = n;
    is_found = true;
  }
  return false;
}

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

bool nsswitch_before_files(struct nsswitch_service *found, char const *database, char const *text, size_t len)
{
  char const *end = text + len;
  found->line = 0;
  for (char const *line = text, *newline; line < end; line = newline + 1) {
    newline = memchr(line, '\n', (size_t)(end - line));
    if (!newline) newline = end;
    size_t list_len = (size_t)(newline - line);
    char const *list = list_of(database, line, &list_len);
    found->line++;
    if (list && before_files(found, list, list_len)) return true;
  }
  return false;
}
