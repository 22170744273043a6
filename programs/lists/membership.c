#include "membership.h"

static bool is_in(struct list const *l, char const *table, struct field address)
{
  stralloc found = STRALLOC_ZERO;
  struct subscribers *s = subscribers_open(l, table, 0);
  bool const is = subscribers_have(s, address, &found);
  subscribers_close(s);
  stralloc_free(&found);
  return is;
}

bool membership(struct list const *l, int argc, char const *const *argv, int first, struct field address)
{
  bool list_itself = true;
  for (int i = first - 1; i < argc; i++)
    if (*argv[i] != '/') list_itself = first == argc;
  if (list_itself && is_in(l, ".", address)) return true;
  for (int i = first; i < argc; i++)
    if (is_in(l, argv[i], address)) return true;
  return false;
}

bool membership_own(struct subscribers *s, struct field address, stralloc *found)
{
  return subscribers_have(s, address, found) && found->len && *found->s != '@';
}
