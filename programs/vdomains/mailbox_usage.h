/* mailbox_usage: how much is in the mailbox of a user of a virtual domain. */

#ifndef MAILTREE_VDOMAINS_MAILBOX_USAGE_H
#define MAILTREE_VDOMAINS_MAILBOX_USAGE_H

#include <stdbool.h>

#include "quota.h"
#include "vpasswd.h"

/* By his ledger, or, of who has no quota and so none that anybody keeps, by looking; a home that nobody has needed yet is
   empty. False with errno. */
bool mailbox_usage(struct quota_usage *usage, struct vpasswd const *record);

#endif
