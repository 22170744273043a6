/* A header: without its completions it is what it was, and completed once more it stays. */

#include "fuzz.h"

#include "bare.h"
#include "text.h"

static stralloc const *complete(stralloc *to, char const *s, size_t len, char const *with)
{
  static stralloc domain = STRALLOC_ZERO;
  text_set(&domain, with);
  to->len = 0;
  bare_complete(to, s, len, &domain);
  return to;
}

static bool is_without(stralloc const *all, char const *mark, struct part in)
{
  size_t i = 0, len = strlen(mark);
  for (size_t at = 0; at < all->len;) {
    bool same = i < in.len && all->s[at] == in.s[i];
    if (same) at++, i++;
    else if (all->len - at >= len && !memcmp(all->s + at, mark, len)) at += len;
    else return false;
  }
  return i == in.len;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc one = STRALLOC_ZERO, two = STRALLOC_ZERO;
  struct part in = whole(data, size);
  complete(&one, in.s, in.len, "");
  assert(same_bytes(one.s, one.len, in.s, in.len));
  complete(&one, in.s, in.len, "@%%%");
  if (!holds(in.s, in.len, '%')) assert(is_without(&one, "@%%%", in));
  complete(&one, in.s, in.len, "@h.example");
  complete(&two, one.s, one.len, "@other");
  assert(same_bytes(one.s, one.len, two.s, two.len));
  return 0;
}
