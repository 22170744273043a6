#include <string.h>

#include "vmailbox.h"
#include "vname.h"

/* What is no name is nobody's, and asks no table. */
static enum store_result find_user(struct vmailbox *to, struct store_domain const *domain,
                                   char const *name, size_t len)
{
  if (vname_user(name, len) != VCODE_OK) return STORE_NO_USER;
  struct store_domain const table = { domain->name, domain->directory, domain->store, STORE_AS_IT_WAS };
  enum store_result r = store_find(&table, &to->record, &to->space, (struct field){ name, len });
  to->is_old = r == STORE_LATELY;
  return to->is_old ? STORE_DONE : r;
}

static enum store_result find_by_beginning(struct vmailbox *to, struct store_domain const *domain, char const *name)
{
  enum store_result r = STORE_NO_USER;
  for (size_t i = strnlen(name, VNAME_USER_MAX + 1); r == STORE_NO_USER && i > 0; i--) {
    if (name[i] != '-') continue;
    r = find_user(to, domain, name, i);
    to->extension = name + i + 1;
  }
  return r;
}

enum store_result vmailbox_find(struct vmailbox *to, struct store_domain const *domain,
                                struct vmailbox_rules const *rules, char const *name)
{
  struct vrules known = VRULES_ZERO;
  to->extension = 0;
  to->is_old = false;
  enum store_result r = find_user(to, domain, name, strlen(name));
  if (r != STORE_NO_USER || !strchr(name, '-')) return r;
  if (!rules->find(&known, rules->with)) return STORE_TROUBLE;
  return known.extensions ? find_by_beginning(to, domain, name) : STORE_NO_USER;
}
