/* list_check: what is wrong with a list, in plain words, and how to mend it. */

#ifndef MAILTREE_LIST_CHECK_H
#define MAILTREE_LIST_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "list.h"

enum list_weight { LIST_FAULT, LIST_NOTE };     /* mail goes wrong, or may be abused; somebody should know */

struct list_facts {
  bool is_entered;                  /* key, outlocal and outhost are there, and list is */
  struct list list;
  bool is_counted;                  /* who is in it can be told */
  uint64_t subscribers, digest, allow, deny, moderators, messages;
};

/* Looks at the list in dir, enters it if that can be, and hands over what it finds. */
void list_check(struct list_facts *facts, char const *dir, void (*found)(enum list_weight weight, char const *what, char const *mend));

#endif
