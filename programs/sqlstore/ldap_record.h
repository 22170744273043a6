/* ldap_record: what an entry of a directory says of a user, as the record that all stores have. Pure. */

#ifndef MAILTREE_SQLSTORE_LDAP_RECORD_H
#define MAILTREE_SQLSTORE_LDAP_RECORD_H

#include "vpasswd.h"

enum ldap_attribute {
  LDAP_NAME, LDAP_HASH, LDAP_COMMENT, LDAP_HOME, LDAP_QUOTA, LDAP_SIZE, LDAP_COUNT, LDAP_FLAGS, LDAP_STATUS,
  LDAP_ATTRIBUTES
};

enum ldap_record_result {
  LDAP_RECORD_USER,
  LDAP_RECORD_NONE,           /* accountStatus says that he is deleted */
  LDAP_RECORD_DAMAGED,        /* a value that is none, or too long a one */
  LDAP_RECORD_TROUBLE         /* no memory */
};

/* The first value of each attribute; null: it has none. The record lies in space and in the values. */
enum ldap_record_result ldap_record_make(struct vpasswd *record, stralloc *space, struct field const values[LDAP_ATTRIBUTES]);

#endif
