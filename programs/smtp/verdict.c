#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "verdict.h"

static size_t digits(char const *s)
{
  size_t n = strspn(s, "0123456789");
  return n >= 1 && n <= 3 ? n : 0;
}

/* The length of a status code of this class at s, before its ')'; 0 if there is none. */
static size_t code_len(char const *s, char class)
{
  if (s[0] != class || s[1] != '.') return 0;
  size_t subject = digits(s + 2);
  if (!subject || s[2 + subject] != '.') return 0;
  size_t detail = digits(s + 3 + subject);
  return detail && s[3 + subject + detail] == ')' ? 3 + subject + detail : 0;
}

static int code(stralloc *to, char const *text, char class)
{
  char const *hash = strrchr(text, '#');
  size_t len = hash && hash > text && hash[-1] == '(' ? code_len(hash + 1, class) : 0;
  if (len) return bytes_addb(to, hash + 1, len);
  return bytes_addc(to, class) && bytes_add(to, ".3.0");
}

static char shown(char c)
{
  if (c < ' ' || c > '~') return '?';
  return c;
}

int verdict_refusal(struct refusal_made *to, char const *verdict)
{
  bool permanent = verdict[0] == 'D';
  char const *text = verdict + 1;
  to->text.len = 0;
  if (!code(&to->text, text, permanent ? '5' : '4') || !bytes_addc(&to->text, ' ')) return 0;
  for (; *text; text++)
    if (!bytes_addc(&to->text, shown(*text))) return 0;
  if (!bytes_end(&to->text)) return 0;
  to->refusal = (struct refusal){ .code = permanent ? 554 : 451, .text = to->text.s };
  return 1;
}
