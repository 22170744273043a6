#include <skalibs/types.h>

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
