/* user_quota: a quota as a command line says it, and what a Maildir notes of it. */

#ifndef MAILTREE_VDOMAINS_USER_QUOTA_H
#define MAILTREE_VDOMAINS_USER_QUOTA_H

#include "fields.h"
#include "named.h"
#include "quota.h"

/* The quota as it is stored; the text may be in any case. Refuses what is none, and one that is too long to be stored. */
void user_quota_read(char stored[QUOTA_TEXT_SIZE], char const *text);

/* Makes the ledgers of the named user, or of all of the domain, say what their records say. In the domain's directory, as its
   owner. A Maildir that is not there has none, and one that cannot be counted gets it from who needs it next. */
void user_quota_note(struct named const *named);

#endif
