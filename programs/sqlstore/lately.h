/* lately: who was found in a directory lately, for when it is away: a file for each, which only our account reads. A directory can be
   laid out so that a list of all users does not tell what addresses they have; so what is known is what was asked and
   answered.

     ROOM/MD5        of "user@domain", 32 hex digits: a frame of store_wire.h with the record, without comment and clear password, and
                     without the hash where the domain does not let that be kept; the fields of the frame tell

   Its time of modification is when it was true, or up to an eighth of the age before. Nothing is synced: a file that is not whole
   is of nobody. */

#ifndef MAILTREE_SQLSTORE_LATELY_H
#define MAILTREE_SQLSTORE_LATELY_H

#include "nameset.h"
#include "store.h"

struct lately_rules {
  char const *room;             /* the directory, relative to the working directory */
  unsigned long age;            /* how many seconds it is believed; 0: nothing is kept */
  struct nameset const *with_hash;      /* domains that let hashes be kept */
};

/* At the start: makes the room, and what is too old goes. False with errno. */
bool lately_open(struct lately_rules const *rules);

/* He was found now; or not. */
void lately_keep(struct lately_rules const *rules, struct field domain, struct vpasswd const *record);
void lately_forget(struct lately_rules const *rules, struct field domain, struct field name);

/* STORE_LATELY, and *age in seconds; the record lies in space. Else STORE_TROUBLE: what it does not tell nobody knows. */
enum store_result lately_find(struct vpasswd *record, stralloc *space, struct lately_rules const *rules, struct field domain,
                              struct field name, bool with_hash, long *age);

#endif
