#include <string.h>

#include "maild_line.h"

char *maild_line_cut(char *line)
{
  char *behind = line + strcspn(line, " ");
  if (*behind) *behind++ = 0;
  return behind;
}

int maild_line_words(char **words, char *line, int most)
{
  int n = 0;
  while (n < most && *(line += strspn(line, " "))) {
    words[n++] = line;
    if (n < most) line = maild_line_cut(line);
  }
  return n;
}
