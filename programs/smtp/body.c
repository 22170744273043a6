#include <string.h>

#include "body.h"

enum { START, TEXT, CR, DOT, DOT_CR, DONE };
enum { IS_CR, IS_LF, IS_DOT, IS_OTHER, KINDS };

/* Entering TEXT keeps the byte, entering START keeps a newline, leaving CR or DOT_CR for TEXT keeps both. */
static unsigned char const after[BODY_POLICIES][DONE][KINDS] = {
  [BODY_STRICT] = {
    /*            \r       \n      .      other */
    [START]  = { CR,      TEXT,   DOT,   TEXT },
    [TEXT]   = { CR,      TEXT,   TEXT,  TEXT },
    [CR]     = { CR,      START,  TEXT,  TEXT },
    [DOT]    = { DOT_CR,  TEXT,   TEXT,  TEXT },
    [DOT_CR] = { CR,      DONE,   TEXT,  TEXT },
  },
  [BODY_NORMALISE] = {
    [START]  = { CR,      START,  DOT,   TEXT },
    [TEXT]   = { CR,      START,  TEXT,  TEXT },
    [CR]     = { CR,      START,  TEXT,  TEXT },
    [DOT]    = { DOT_CR,  START,  TEXT,  TEXT },
    [DOT_CR] = { CR,      DONE,   TEXT,  TEXT },
  },
  [BODY_LF] = {
    [START]  = { CR,      START,  DOT,   TEXT },
    [TEXT]   = { CR,      START,  TEXT,  TEXT },
    [CR]     = { CR,      START,  TEXT,  TEXT },
    [DOT]    = { DOT_CR,  DONE,   TEXT,  TEXT },
    [DOT_CR] = { CR,      DONE,   TEXT,  TEXT },
  },
  [BODY_CHUNKS] = {
    [START]  = { CR,      TEXT,   TEXT,  TEXT },
    [TEXT]   = { CR,      TEXT,   TEXT,  TEXT },
    [CR]     = { CR,      START,  TEXT,  TEXT },
  },
  [BODY_CHUNKS_NORMALISED] = {
    [START]  = { CR,      START,  TEXT,  TEXT },
    [TEXT]   = { CR,      START,  TEXT,  TEXT },
    [CR]     = { CR,      START,  TEXT,  TEXT },
  },
};

static bool is_strict(struct body const *b)
{
  return b->policy == BODY_STRICT || b->policy == BODY_CHUNKS;
}

void body_init(struct body *b, enum body_policy policy)
{
  *b = (struct body){ .policy = policy, .at = START };
}

bool body_done(struct body const *b)
{
  return b->at == DONE;
}

static unsigned kind_of(char c)
{
  return c == '\r' ? IS_CR : c == '\n' ? IS_LF : c == '.' ? IS_DOT : IS_OTHER;
}

static size_t step(struct body *b, char c, char *out)
{
  size_t kept = 0;
  unsigned kind = kind_of(c);
  bool dropped = !c && !is_strict(b);
  if (!c && !dropped) b->has_nul = true;
  bool behind_cr = b->at == CR || b->at == DOT_CR;
  /* An LF belongs behind a CR and nothing else does. */
  if (is_strict(b) && (kind == IS_LF) != behind_cr) b->spoiled = true;
  b->at = after[b->policy][b->at][kind];
  if (b->at == START || (b->at == TEXT && behind_cr)) out[kept++] = '\n';
  /* A dropped NUL has been there: a dot behind it begins no line. */
  if (b->at == TEXT && !dropped) out[kept++] = c;
  if (b->spoiled) b->tail = b->tail << 8 | (unsigned char)c;
  return kept;
}

/* How many bytes from here are plain text: most of a message is copied by this. */
static size_t plain(char const *s, size_t len)
{
  size_t i = 0;
  while (i < len && ((unsigned char)s[i] > '\r' || (s[i] != '\r' && s[i] != '\n' && s[i]))) i++;
  return i;
}

size_t body_take(struct body *b, char const *in, size_t len, char *out, size_t *out_len)
{
  size_t i = 0, kept = 0;
  while (i < len && b->at != DONE) {
    if (b->at == TEXT && !b->spoiled) {
      size_t n = plain(in + i, len - i);
      memcpy(out + kept, in + i, n);
      kept += n;
      i += n;
      if (i == len) break;
    }
    kept += step(b, in[i++], out + kept);
  }
  *out_len = kept;
  return i;
}

/* A last line without an end gets one. */
size_t body_end(struct body *b, char *out)
{
  bool in_line = b->at != START;
  if (b->at == CR && is_strict(b)) b->spoiled = true;
  b->at = DONE;
  if (in_line) out[0] = '\n';
  return in_line;
}

bool body_seems_over(struct body const *b)
{
  static uint32_t const lf_dot_lf = '\n' << 16 | '.' << 8 | '\n';
  static uint32_t const lf_dot_crlf = (uint32_t)'\n' << 24 | '.' << 16 | '\r' << 8 | '\n';
  return b->spoiled && ((b->tail & 0xffffff) == lf_dot_lf || b->tail == lf_dot_crlf);
}
