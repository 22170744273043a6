#include <string.h>

#include <skalibs/bytestr.h>

#include "instructions.h"

static size_t without_blanks(char const *s, size_t len)
{
  while (len && (s[len - 1] == ' ' || s[len - 1] == '\t')) len--;
  return len;
}

static bool equals(char const *s, size_t len, char const *word)
{
  return len == strlen(word) && !memcmp(s, word, len);
}

static enum instruction_kind kind_of(char const *s, size_t len, bool first)
{
  if (!len) return first ? INSTRUCTION_BLANK_FIRST : INSTRUCTION_NOTHING;
  switch (s[0]) {
    case '#': return INSTRUCTION_NOTHING;
    case '|': return INSTRUCTION_PROGRAM;
    case '.':
    case '/': return s[len - 1] == '/' ? INSTRUCTION_MAILDIR : INSTRUCTION_MBOX;
    case '+': return equals(s, len, "+list") ? INSTRUCTION_FORWARD_ONLY : INSTRUCTION_NOTHING;
    default: return INSTRUCTION_FORWARD;
  }
}

bool instruction_next(struct instruction *to, char const *s, size_t len, size_t *at)
{
  if (*at >= len) return false;
  char const *line = s + *at;
  bool first = *at == 0;
  size_t line_len = byte_chr(line, len - *at, '\n');
  *at += line_len + 1;
  line_len = without_blanks(line, line_len);
  size_t text_len = byte_chr(line, line_len, 0), sign = text_len && (line[0] == '|' || line[0] == '&');
  *to = (struct instruction){ kind_of(line, text_len, first), line + sign, text_len - sign, line, line_len };
  return true;
}
