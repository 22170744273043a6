/* site: the account that owns virtual domains, and the places below its home. */

#ifndef MAILTREE_VDOMAINS_SITE_H
#define MAILTREE_VDOMAINS_SITE_H

#include <sys/types.h>

struct site {
  uid_t uid;
  gid_t gid;
  char const *home;         /* "/home/vpopmail", wherever the account's home is */
};

/* Looks the account vpopmail up, once. Ends the program with 111 and one line when there is none, when its home is no
   absolute path, or when nobody can tell. */
struct site const *site_find(void);

#endif
