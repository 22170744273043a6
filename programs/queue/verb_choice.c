#include "address.h"
#include "verb_choice.h"

static char small(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* After a mismatch the last star takes one byte more; earlier stars need no second look, so that the work is at most
   the product of the lengths. */
bool pattern_fits(char const *pattern, char const *s, size_t len)
{
  char const *star = 0, *p = pattern;
  size_t i = 0, taken = 0;
  while (i < len) {
    if (*p == '*') {
      star = p++;
      taken = i;
    } else if (*p && (*p == '?' || small(*p) == small(s[i]))) {
      p++;
      i++;
    } else if (star) {
      p = star + 1;
      i = ++taken;
    } else return false;
  }
  while (*p == '*') p++;
  return !*p;
}

bool choice_takes(struct verb_choice const *c, char const *address, size_t len)
{
  size_t at = address_at(address, len);
  size_t domain = at < len ? at + 1 : len;
  return (!*c->recipient || pattern_fits(c->recipient, address, len))
      && (!*c->domain || pattern_fits(c->domain, address + domain, len - domain));
}
