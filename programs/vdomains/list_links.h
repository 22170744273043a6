/* list_links: mailing lists of a virtual domain, by the .qmail files that lead to them. As the owner of the domain, in its directory. */

#ifndef MAILTREE_VDOMAINS_LIST_LINKS_H
#define MAILTREE_VDOMAINS_LIST_LINKS_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

/* Whether the file is that for posts of a list: a link to its editor, or a file that begins with ezmlm-reject, as old web pages have it. */
bool list_links_is_list(char const *file);

/* The directory that its link leads to, as it is written there; false where it is no link, or one that is not absolute. */
bool list_links_place(stralloc *dir, char const *file);

/* Calls each(name) for the lists, sorted without regard to case. */
void list_links_each(void (*each)(char const *name));

/* Removes the file and those behind whose name it goes on with a hyphen, as far as they lead into that directory. False with errno. */
bool list_links_remove(char const *file, char const *dir);

#endif
