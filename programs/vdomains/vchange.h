/* vchange: every change of virtual domains, by its name: who may make it, on what, what is written of it, and how it is undone.
   The commands tell of their changes by these names, vpopmaild has its verbs from here, and virtual-domains(7) shows them. */

#ifndef MAILTREE_VDOMAINS_VCHANGE_H
#define MAILTREE_VDOMAINS_VCHANGE_H

#include "fields.h"

/* The least of those who may: a user with himself, an administrator of a domain with all in it, one of the system. Of an account:
   the owner of the domain for the first two, root for the last. */
enum vchange_right { VCHANGE_USER, VCHANGE_ADMIN, VCHANGE_SYSTEM };

/* What the first argument is. */
enum vchange_object { VCHANGE_NEW, VCHANGE_ADDRESS, VCHANGE_DOMAIN, VCHANGE_EITHER, VCHANGE_HOST };

struct vchange {
  char const *name;
  char const *command;          /* the line of a command that does it */
  enum vchange_right right;
  enum vchange_object object;
  char const *told;             /* what a script of the site hears (onchange.h); null: nothing */
  char const *says;             /* in the log, before on what, and with what */
  char const *undo;             /* the line that undoes it; null: nothing does but a copy that was kept */
};

extern struct vchange const vchanges[];       /* ends with a null name */

/* Null: there is none. */
struct vchange const *vchange_find(struct field name);

#endif
