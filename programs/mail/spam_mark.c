#include <string.h>
#include <strings.h>

#include "spam_mark.h"

static char const *const marks[] = { "X-Spam-Flag:", "X-Spam-Status:" };

static bool is_marked(char const *line, size_t len, char const *mark)
{
  size_t at = strlen(mark);
  if (len < at || strncasecmp(line, mark, at) != 0) return false;
  while (at < len && (line[at] == ' ' || line[at] == '\t')) at++;
  return len - at >= strlen("yes") && !strncasecmp(line + at, "yes", strlen("yes"));
}

bool spam_mark_is_set(char const *s, size_t len)
{
  char const *const end = s + len;
  while (s < end && *s != '\n' && !(*s == '\r' && s + 1 < end && s[1] == '\n')) {
    char const *newline = memchr(s, '\n', (size_t)(end - s)), *stop = newline ? newline : end;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
      if (is_marked(s, (size_t)(stop - s), marks[i])) return true;
    s = newline ? newline + 1 : end;
  }
  return false;
}

size_t spam_mark_words(char *words[SPAM_WORDS_MAX + 1], char *line)
{
  size_t n = 0;
  char *rest;
  for (char *word = strtok_r(line, " \t", &rest); word; word = strtok_r(0, " \t", &rest)) {
    if (n == SPAM_WORDS_MAX) return 0;
    words[n++] = word;
  }
  words[n] = 0;
  return n;
}
