/* store: the users of a virtual domain, whatever keeps them. A back end is a structure of functions; who asks for users
   says of which domain, and the domain knows its back end. He holds a descriptor of the domain's directory, and is its owner or
   root.

   Names are compared and stored in lower case. Trouble is never "no such user". */

#ifndef MAILTREE_STORE_H
#define MAILTREE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "vpasswd.h"

enum store_result {
  STORE_DONE,
  STORE_NO_USER,
  STORE_EXISTS,           /* or the same user comes twice in one edit */
  STORE_UNFIT,            /* a field that cannot be stored: vpasswd_unfit tells */
  STORE_TROUBLE,          /* errno; nothing can be told now */
  STORE_LATELY,           /* nobody can tell now, but so it was: only for who says that it will do */
  STORE_READ_ONLY         /* whatever keeps these users, we do not change it */
};

/* What will do while a server is away: nothing; a record of lately, without comment and clear password, and mostly without
   hash; or such a record with its hash, which few have. */
enum store_age { STORE_AS_IT_IS, STORE_AS_IT_WAS, STORE_AS_IT_WAS_WITH_HASH };

struct store;

struct store_domain {
  char const *name;             /* the real one, of users/assign */
  int directory;                /* for store_find it may be AT_FDCWD */
  struct store const *store;
  enum store_age age;           /* of store_find and store_list */
};

enum store_deed { STORE_ADD, STORE_CHANGE, STORE_ALTER, STORE_REMOVE };

/* What STORE_ALTER changes of a user, whatever somebody else has changed of him meanwhile. */
enum {
  STORE_HASH = 1,
  STORE_COMMENT = 2,
  STORE_DIR = 4,
  STORE_QUOTA = 8,
  STORE_FLAGS = 16,
  STORE_CLEAR = 32,       /* a record that has none empties it where there is one */
  STORE_REHASH = 64       /* the hash, but only where the one that is stored is still what the record has as clear */
};

struct store_edit {
  enum store_deed deed;
  struct vpasswd record;  /* of a removal only the name counts, but with fields he must be as the record says, or he is not
                             there; an empty name in STORE_ALTER is every user, and then it
                             stands alone */
  unsigned int fields;    /* of STORE_ALTER, those above; STORE_FLAGS adds those of record */
  uint32_t flags_dropped; /* before */
};

/* Whether more users are wanted. */
typedef bool store_each(void *with, struct vpasswd const *record);

struct store {
  char const *name;
  bool is_apart;                /* users are not in the domain's directory, and do not go with it */
  enum store_result (*find)(struct store_domain const *domain, struct vpasswd *record, stralloc *space,
                            struct field name);
  enum store_result (*list)(struct store_domain const *domain, store_each *each, void *with);
  enum store_result (*edit)(struct store_domain const *domain, struct store_edit const *edits, size_t count,
                            size_t *culprit);      /* null: it is only read */
};

extern struct store const store_cdb, store_sqlite, store_mysql, store_pgsql, store_ldap;

/* The record lies in space. */
enum store_result store_find(struct store_domain const *domain, struct vpasswd *record, stralloc *space,
                             struct field name);

/* Calls each(with, record) for all users in the order of their names, until it returns false. Damaged ones are left
   out, and then it is STORE_TROUBLE at the end. */
enum store_result store_list(struct store_domain const *domain, store_each *each, void *with);

/* Does all of it or nothing; it is on disk afterwards. When that cannot be, *culprit is the edit at fault. */
enum store_result store_edit(struct store_domain const *domain, struct store_edit const *edits, size_t count,
                             size_t *culprit);

/* One user. */
enum store_result store_add(struct store_domain const *domain, struct vpasswd const *record);
enum store_result store_change(struct store_domain const *domain, struct vpasswd const *record);
enum store_result store_alter(struct store_domain const *domain, struct store_edit edit);
enum store_result store_remove(struct store_domain const *domain, struct field name);

/* What STORE_ALTER makes of a record. Pure. */
void store_alter_record(struct vpasswd *record, struct store_edit const *edit);

/* ---- of store_cdb alone ---- */

/* For a program that stays and asks about one domain again and again: the table that was asked last stays open there. */
struct kept_file;
void store_cdb_keep(struct kept_file *kept);

/* Makes vpasswd.cdb anew of what stands in vpasswd, which somebody may have edited. */
enum store_result store_cdb_renew(struct store_domain const *domain);

#endif
