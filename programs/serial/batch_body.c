#include "batch_body.h"

enum kind { OTHER, CR, LF, DOT, KINDS };

static enum kind kind_of(char c)
{
  return c == '\r' ? CR : c == '\n' ? LF : c == '.' ? DOT : OTHER;
}

static unsigned char const after[BATCH_BODY_DONE][KINDS] = {
  /*                     other       CR            LF                dot */
  [BATCH_LINE_START] = { BATCH_TEXT, BATCH_CR,     BATCH_LINE_START, BATCH_DOT },
  [BATCH_TEXT]       = { BATCH_TEXT, BATCH_CR,     BATCH_LINE_START, BATCH_TEXT },
  [BATCH_CR]         = { BATCH_TEXT, BATCH_CR,     BATCH_LINE_START, BATCH_TEXT },
  [BATCH_DOT]        = { BATCH_TEXT, BATCH_DOT_CR, BATCH_BODY_DONE,  BATCH_TEXT },
  [BATCH_DOT_CR]     = { BATCH_TEXT, BATCH_CR,     BATCH_BODY_DONE,  BATCH_TEXT },
};

/* A CR that no LF follows is text. */
size_t batch_body_decode(enum batch_body_state *at, char *to, char const *s, size_t len, size_t *used)
{
  size_t i = 0, out = 0;
  enum batch_body_state now = *at;
  for (; i < len && now != BATCH_BODY_DONE; i++) {
    enum kind kind = kind_of(s[i]);
    enum batch_body_state next = after[now][kind];
    if ((now == BATCH_CR || now == BATCH_DOT_CR) && kind != LF) to[out++] = '\r';
    if (next == BATCH_TEXT || next == BATCH_LINE_START) to[out++] = s[i];
    now = next;
  }
  *at = now;
  *used = i;
  return out;
}
