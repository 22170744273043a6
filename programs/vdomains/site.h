/* site: the account that owns virtual domains, and the places below its home. */

#ifndef MAILTREE_VDOMAINS_SITE_H
#define MAILTREE_VDOMAINS_SITE_H

#include <skalibs/stralloc.h>
#include <sys/types.h>

#define SITE_DEFAULT_DOMAIN "defaultdomain"
#define SITE_IP_MAP "ip_alias_map"

struct site {
  uid_t uid;
  gid_t gid;
  char const *home;         /* "/home/vpopmail", wherever the account's home is */
};

/* Looks the account vpopmail up, once. Ends the program with 111 and one line when there is none, when its home is no
   absolute path, or when nobody can tell. */
struct site const *site_find(void);

/* A descriptor of etc below its home; -1 with errno. No symbolic link is followed that vpopmail could have made (tree.h). */
int site_open_etc(void);

/* The same for who writes there: etc is made where it is missing. Ends the program with 111 when that cannot be. */
int site_make_etc(void);

/* Appends a file of etc. 1; 0 when it, or etc, is not there; -1 with errno. */
int site_read(stralloc *to, char const *name);

#endif
