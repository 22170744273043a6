/* limits: what a domain's own limits and the site's say together. */

#ifndef MAILTREE_VDOMAINS_LIMITS_H
#define MAILTREE_VDOMAINS_LIMITS_H

#include "quota.h"
#include "vlimits.h"

#define LIMITS_OF_DOMAIN ".qmailadmin-limits"
#define LIMITS_OF_SITE "vlimits.default"          /* in etc below the home of vpopmail */

enum { LIMITS_MAX = 65536 };                      /* bytes of either file */

/* Reads those of the site beforehand: root, before it becomes the owner of a domain, who may not be allowed to; then they
   count as nothing, and that is told. */
void limits_site_read(void);

/* Those of the domain whose directory this is, over those of the site. A file that cannot be read or understood ends the
   program with one line that names it. */
void limits_read(struct vlimits *limits, int directory);

/* The file alone; its text replaces *text. */
void limits_read_file(struct vlimits *limits, int directory, char const *name, stralloc *text);

/* Writes the quota of a new user as it is stored, and a NUL. */
void limits_new_quota(char text[QUOTA_TEXT_SIZE], struct vlimits const *limits);

#endif
