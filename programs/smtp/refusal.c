#include <string.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "refusal.h"

void refusal_line(struct refusal_line *to, struct refusal const *r)
{
  char const **w = to->words;
  to->code[uint_fmt(to->code, r->code)] = 0;
  *w++ = to->code;
  *w++ = " ";
  if (r->status) {
    *w++ = r->status;
    *w++ = " ";
  }
  *w++ = r->text;
  if (r->status) {
    *w++ = " (#";
    *w++ = r->status;
    *w++ = ")";
  }
  *w = 0;
}

int refusal_answer(stralloc *to, struct refusal const *r)
{
  char const *text = r->status ? r->text : r->text + strcspn(r->text, " ");
  if (!r->status && *text) text++;
  if (!bytes_addc(to, r->code / 100 == 4 ? 'Z' : 'D') || !bytes_add(to, text)) return 0;
  return !r->status || (bytes_add(to, " (#") && bytes_add(to, r->status) && bytes_add(to, ")"));
}
