#include <string.h>

#include <skalibs/bytestr.h>

#include "local_instructions.h"

static size_t without_blanks(char const *s, size_t len)
{
  while (len && (s[len - 1] == ' ' || s[len - 1] == '\t')) len--;
  return len;
}

static bool equals(char const *s, size_t len, char const *word)
{
  return len == strlen(word) && !memcmp(s, word, len);
}

static struct instruction behind_first(enum instruction_kind kind, char const *s, size_t len)
{
  return (struct instruction){ kind, s + 1, len - 1 };
}

static struct instruction interpret(char const *s, size_t len, bool first)
{
  if (!len) return (struct instruction){ first ? INSTRUCTION_BLANK_FIRST : INSTRUCTION_NOTHING, s, 0 };
  switch (s[0]) {
    case '#': return (struct instruction){ INSTRUCTION_NOTHING, s, len };
    case '|': return behind_first(INSTRUCTION_PROGRAM, s, len);
    case '&': return behind_first(INSTRUCTION_FORWARD, s, len);
    case '.':
    case '/': return (struct instruction){ s[len - 1] == '/' ? INSTRUCTION_MAILDIR : INSTRUCTION_MBOX, s, len };
    case '+': return (struct instruction){ equals(s, len, "+list") ? INSTRUCTION_FORWARD_ONLY : INSTRUCTION_NOTHING,
                                           s, len };
    default: return (struct instruction){ INSTRUCTION_FORWARD, s, len };
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
  *to = interpret(line, byte_chr(line, line_len, 0), first);
  return true;
}
