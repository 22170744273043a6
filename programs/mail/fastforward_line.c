#include <string.h>

#include "fastforward_line.h"
#include "shell_words.h"

static bool is_fastforward(char const *program)
{
  char const *slash = strrchr(program, '/');
  return !strcmp(slash ? slash + 1 : program, "fastforward");
}

/* -n delivers nothing and -p lets strangers pass: neither tells who has mail. */
static bool read_options(struct fastforward_line *to, char *const *words, size_t *at)
{
  for (; words[*at] && *words[*at] == '-'; ++*at)
    for (char const *c = words[*at] + 1; *c; c++) {
      if (!strchr("dDNP", *c)) return false;
      if (*c == 'd' || *c == 'D') to->by_default = *c == 'd';
    }
  return true;
}

bool fastforward_line_parse(struct fastforward_line *to, char const *line, size_t len)
{
  char *words[SHELL_WORDS_MAX + 1];
  size_t at = 1;
  if (!len || *line != '|' || len > sizeof to->text || memchr(line, 0, len)) return false;
  memcpy(to->text, line + 1, len - 1);
  to->text[len - 1] = 0;
  to->by_default = false;
  if (!shell_words_split(to->text, words) || !is_fastforward(words[0]) || !read_options(to, words, &at)) return false;
  to->program = words[0];
  to->table = words[at];
  return words[at] && *words[at] && !words[at + 1];
}
