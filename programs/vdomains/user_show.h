/* user_show: what is known of a user of a virtual domain, as vuserinfo prints it. */

#ifndef MAILTREE_VDOMAINS_USER_SHOW_H
#define MAILTREE_VDOMAINS_USER_SHOW_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "mail_host.h"
#include "quota.h"
#include "vpasswd.h"

struct user_facts {
  struct vpasswd const *record;
  char const *domain;
  uint32_t domain_flags;        /* what the limits of the domain forbid everybody */
  struct quota quota;
  bool has_usage;               /* his Maildir could be looked at */
  struct quota_usage usage;
  time_t last_login;            /* 0: he never did */
  time_t made;                  /* 0: not known */
  struct field login_ip;
  char host[MAIL_HOST_SIZE];    /* on which his mailbox is; empty: this one */
};

/* One word of his, in the order in which they are printed. */
enum user_field {
  USER_NAME, USER_HASH, USER_CLEAR, USER_UID, USER_FLAGS, USER_COMMENT, USER_DIR, USER_QUOTA, USER_USAGE, USER_LOGIN, USER_HOST,
  USER_FIELDS
};

/* Looks at his home; login_ip lies in space. As the owner of the domain. */
void user_facts_find(struct user_facts *facts, stralloc *space);

/* Append; they end the program without memory. */
void user_show_all(stralloc *to, struct user_facts const *facts);
void user_show_field(stralloc *to, struct user_facts const *facts, enum user_field which);
void user_show_json(stralloc *to, struct user_facts const *facts);

#endif
