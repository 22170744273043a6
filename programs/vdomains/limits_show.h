/* limits_show: the limits of a virtual domain as vmoddomlimits prints them. */

#ifndef MAILTREE_VDOMAINS_LIMITS_SHOW_H
#define MAILTREE_VDOMAINS_LIMITS_SHOW_H

#include <skalibs/stralloc.h>

#include "vlimits.h"

/* What an administrator other than postmaster may be denied: three bits of a limit, create, modify, delete, from shift on.
   In the order of the options of vmoddomlimits, p a f r l u o x z. */
struct limits_permission { enum vlimit which; unsigned int shift; char const *label; };
enum { LIMITS_PERMISSIONS = 9 };
extern struct limits_permission const limits_permissions[LIMITS_PERMISSIONS];

/* Append; they end the program without memory. */
void limits_show(stralloc *to, char const *domain, struct vlimits const *limits);
void limits_show_json(stralloc *to, char const *domain, struct vlimits const *limits);

#endif
