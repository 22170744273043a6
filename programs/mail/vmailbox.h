/* vmailbox: whose mailbox of a virtual domain an address is: that of the user of this very name; else, where the domain
   has extensions, that of the user whose name is the longest beginning of it in front of a '-'. */

#ifndef MAILTREE_VMAILBOX_H
#define MAILTREE_VMAILBOX_H

#include "store.h"
#include "vrules.h"

struct vmailbox {
  struct vpasswd record;      /* in space */
  stralloc space;
  char const *extension;      /* the end of the name that was asked for, or null */
  bool is_old;                /* so it was lately: nobody can tell now */
};
#define VMAILBOX_ZERO { .space = STRALLOC_ZERO, .extension = 0, .is_old = false }

/* The rules are asked for only where they matter, at most once; false with errno: nobody knows them now. */
struct vmailbox_rules { bool (*find)(struct vrules *rules, void *with); void *with; };

/* STORE_DONE, STORE_NO_USER or STORE_TROUBLE with errno. Who was there lately is there. The name is in lower case and ends with a NUL. */
enum store_result vmailbox_find(struct vmailbox *to, struct store_domain const *domain,
                                struct vmailbox_rules const *rules, char const *name);

#endif
