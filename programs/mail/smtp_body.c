#include <string.h>

#include "smtp_body.h"

enum kind { OTHER, CR, LF, DOT, NUL, KINDS };

static unsigned char const kinds[256] = { ['\r'] = CR, ['\n'] = LF, ['.'] = DOT, [0] = NUL };

static unsigned char const after[BODY_STATES][KINDS] = {
  /*                    other      CR             LF               dot        NUL */
  [BODY_LINE_START] = { BODY_TEXT, BODY_AFTER_CR, BODY_LINE_START, BODY_TEXT, BODY_LINE_START },
  [BODY_TEXT]       = { BODY_TEXT, BODY_AFTER_CR, BODY_LINE_START, BODY_TEXT, BODY_TEXT },
  [BODY_AFTER_CR]   = { BODY_TEXT, BODY_AFTER_CR, BODY_LINE_START, BODY_TEXT, BODY_AFTER_CR },
};

/* What is sent; null: the byte itself. A CR ends its line at once, so the LF of a CR LF adds nothing. A NUL is left
   out: who drops it behind us must not find another end of the message than we meant. */
static char const *const sent[BODY_STATES][KINDS] = {
  /*                    other CR      LF      dot   NUL */
  [BODY_LINE_START] = { 0,    "\r\n", "\r\n", "..", "" },
  [BODY_TEXT]       = { 0,    "\r\n", "\r\n", ".",  "" },
  [BODY_AFTER_CR]   = { 0,    "\r\n", "",     "..", "" },
};

/* Most bytes lie between two special ones and are copied together. */
static size_t ordinary(char const *s, size_t len)
{
  size_t i = 0;
  while (i < len && kinds[(unsigned char)s[i]] == OTHER) i++;
  return i;
}

size_t smtp_body_encode(enum smtp_body_state *at, char *to, char const *s, size_t len)
{
  size_t out = 0;
  enum smtp_body_state now = *at;
  for (size_t i = 0; i < len; ) {
    unsigned char kind = kinds[(unsigned char)s[i]];
    char const *what = sent[now][kind];
    size_t n = what ? 1 : ordinary(s + i, len - i);
    size_t sent_len = what ? strlen(what) : n;
    memcpy(to + out, what ? what : s + i, sent_len);
    out += sent_len;
    i += n;
    now = after[now][kind];
  }
  *at = now;
  return out;
}

size_t smtp_body_finish(enum smtp_body_state at, char *to)
{
  char const *end = at == BODY_TEXT ? "\r\n.\r\n" : ".\r\n";
  size_t len = strlen(end);
  memcpy(to, end, len);
  return len;
}
