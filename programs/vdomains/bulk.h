/* bulk: many users are added at once, each domain's in one change. */

#ifndef MAILTREE_VDOMAINS_BULK_H
#define MAILTREE_VDOMAINS_BULK_H

enum { BULK_MAX = 256 << 20 };          /* bytes of a list */

/* Reads the list, "-" being standard input, judges every line, and adds the users as the owners of their domains. quota is
   that of a user of whom nothing is said; null: what his domain says. Returns the exit code; a line at fault is named, and
   then nobody of its domain has been added. */
int bulk_add(char const *file, char const *quota);

#endif
