/* record_fit: whether a field of a user's record is one that vpopmail's programs can read as well. */

#ifndef MAILTREE_VDOMAINS_RECORD_FIT_H
#define MAILTREE_VDOMAINS_RECORD_FIT_H

#include "vcode.h"
#include "vpasswd.h"

/* Which one is too long, or holds what no field can. Fields that are empty are right, the name too: it is judged where it
   is read. */
enum vcode record_fit(struct vpasswd const *record);

#endif
