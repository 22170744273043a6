#include <string.h>

#include "bytes.h"
#include "forward_text.h"

void forward_text_begin(struct forward_text *t, struct field in)
{
  *t = (struct forward_text){ .in = in, .line = 1 };
}

void forward_text_free(struct forward_text *t)
{
  stralloc_free(&t->target);
  stralloc_free(&t->word);
  stralloc_free(&t->owner);
  stralloc_free(&t->data);
}

enum { END = -1, PLAIN = 0 };       /* besides the signs : , ; */

static void skip_comment(struct forward_text *t)
{
  while (t->at < t->in.len && t->in.s[t->at] != '\n') t->at++;
}

/* The next byte of a word, or a sign that separates; blanks and comments do not count wherever they are. A backslash
   makes a plain byte of anything. */
static int take(struct forward_text *t, char *c)
{
  while (t->at < t->in.len) {
    *c = t->in.s[t->at++];
    if (*c == '\n') t->line++;
    if (*c == '#') skip_comment(t);
    else if (*c == '\\' && t->at < t->in.len) {
      *c = t->in.s[t->at++];
      t->line += *c == '\n';
      return PLAIN;
    } else if (!memchr(" \t\n", *c, 3)) {
      return *c == ':' || *c == ',' || *c == ';' ? *c : PLAIN;
    }
  }
  return END;
}

static bool wrong(struct forward_text *t, char const *fault)
{
  t->fault = fault;
  return false;
}

/* The word is an instruction of the target, if it is one. */
static bool end_instruction(struct forward_text *t)
{
  stralloc const *w = &t->word;
  if (!w->len) return true;
  bool is_owner = *w->s == '?', has_sign = strchr("|!/.&?", *w->s) && *w->s;
  bool is_address = !has_sign || *w->s == '&' || is_owner;
  if (is_address && w->len > FORWARD_TEXT_ADDRESS_MAX + (size_t)has_sign) return wrong(t, "an address has more than 800 bytes");
  if (memchr(w->s, 0, w->len)) return wrong(t, "there is a NUL");
  if (!is_owner) return (has_sign || bytes_addc(&t->data, '&')) && bytes_addb(&t->data, w->s, w->len) && bytes_end(&t->data);
  t->has_owner = true;
  return bytes_setb(&t->owner, w->s + 1, w->len - 1);
}

/* False when the text is wrong, or memory is gone. */
static bool obey(struct forward_text *t, int sign)
{
  if (sign == ':') {
    if (t->has_target) return wrong(t, "there is a second colon in one instruction");
    t->has_target = true;
    return bytes_setx(&t->target, &t->word);
  }
  if (!t->has_target) return wrong(t, "a comma or a semicolon stands before the colon");
  return end_instruction(t);
}

enum forward_text_result forward_text_next(struct forward_text *t)
{
  char c = 0;
  t->has_target = t->has_owner = false;
  t->fault = 0;
  t->word.len = t->data.len = 0;
  for (int sign; (sign = take(t, &c)) != END;) {
    bool good = sign == PLAIN ? bytes_addc(&t->word, c) : obey(t, sign);
    if (!good) return t->fault ? FORWARD_TEXT_WRONG : FORWARD_TEXT_NO_MEMORY;
    if (sign != PLAIN) t->word.len = 0;
    if (sign == ';') return FORWARD_TEXT_RECORD;
  }
  if (!t->has_target && !t->word.len) return FORWARD_TEXT_END;
  t->fault = "the final instruction has no semicolon";
  return FORWARD_TEXT_WRONG;
}

int forward_text_quote(stralloc *to, struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    bool special = (unsigned char)f.s[i] <= ' ' || strchr(",:;\\#", f.s[i]);
    if ((special && !bytes_addc(to, '\\')) || !bytes_addc(to, f.s[i])) return 0;
  }
  return 1;
}
