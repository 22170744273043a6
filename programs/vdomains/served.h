/* served: a virtual domain as qmail-usersd sees it, which stays: no trouble ends the program. */

#ifndef MAILTREE_VDOMAINS_SERVED_H
#define MAILTREE_VDOMAINS_SERVED_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "quota.h"
#include "store.h"
#include "users.h"
#include "users_wire.h"
#include "vrules.h"

enum served_result {
  SERVED_DONE,
  SERVED_NONE,          /* there is no such domain, no such user */
  SERVED_UNSEEN,        /* it belongs to an account whose files we may not read */
  SERVED_TROUBLE        /* errno */
};

struct served {
  struct user user;             /* of its line in users/assign: real name, home, uid and gid */
  int directory;                /* -1 until it is open */
  stralloc space;               /* holds the record */
  struct vpasswd record;
  bool is_old;                  /* so the record was lately: nobody can tell now */
};
#define SERVED_ZERO { USER_ZERO, -1, STRALLOC_ZERO, { .uid = 0 }, false }

/* Looks the domain up; working directory HOME. */
enum served_result served_find(struct served *s, struct field domain);

/* Whether it belongs to the account that we are. */
bool served_is_ours(struct served const *s);

/* Which other account is to be asked about it; false when that answers no questions, as root, or who owns no virtual
   domain. */
bool served_elsewhere(struct served const *s, struct users_answer *a);

/* Opens its directory, for what follows. */
enum served_result served_open(struct served *s);

/* Its users, once it is open. */
struct store_domain served_table(struct served const *s);

/* Whether there is a user of that name, in any case, or was lately, where his hash is kept for that; his record is s->record. */
enum served_result served_user(struct served *s, struct field name);

/* What the limits of the site forbid all. */
enum served_result served_site_flags(uint32_t *flags);

/* What counts for the user of the record: his own flags and those of the limits of domain and site. Who is not vpopmail may
   not be able to see the site's: then USERS_FLAGS_OF_SITE stands for them. */
enum served_result served_flags(struct served *s, uint32_t *flags);

/* How much all mailboxes of the domain may hold together: the limits of the domain, and of the site where we can see them. */
enum served_result served_quota(struct served *s, struct quota *quota);

/* How the domain wants its mail delivered. */
enum served_result served_rules(struct served *s, struct vrules *rules);

/* Appends a file of the directory, as dir_file_read does. */
int served_text(struct served const *s, stralloc *to, char const *name, size_t max);

/* Leaves it; *s serves the next one, for which directory, table and text stay open. */
void served_close(struct served *s);

/* Closes what is open, so that its disk may be unmounted: when nobody has come for a while. */
void served_forget(void);

/* Replaces *to by what stands for a login without a domain at this address of ours; empty if nothing does. */
enum served_result served_default_domain(stralloc *to, struct field local_ip);

#endif
