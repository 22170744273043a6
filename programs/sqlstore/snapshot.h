/* snapshot: who the users in a database were lately, for when it is away: a cdb that only our account reads.

     user@domain      a frame of store_wire.h with the record, without comment and clear password, and without the hash
                      where the domain does not let that be kept; the fields of the frame tell
     @table           empty: users of the domain of that name are in a table of its own, and here they are user@table
     (empty)          the sum of all others, by which it is seen that nothing has changed

   Its time of modification is when it was true. */

#ifndef MAILTREE_SQLSTORE_SNAPSHOT_H
#define MAILTREE_SQLSTORE_SNAPSHOT_H

#include "cdb_file.h"
#include "nameset.h"
#include "statement.h"
#include "store.h"

/* Where it is, its way there and what stands beside it, relative to the working directory, how many seconds it is believed, and which domains let hashes be kept. */
struct snapshot_rules {
  char const *path, *aside;
  char const *away;             /* is there while the database is away, for who looks from outside */
  unsigned long age;
  struct nameset const *with_hash;
};

/* ---- to make it ---- */

struct snapshot_writer {
  struct snapshot_rules const *rules;
  struct cdb_file file;
  time_t time;
  uint64_t sum;
};

/* Each returns false with errno when it failed, and then there is nothing aside any more. */
bool snapshot_begin(struct snapshot_writer *w, struct snapshot_rules const *rules);
bool snapshot_add_table(struct snapshot_writer *w, struct field table);
bool snapshot_add(struct snapshot_writer *w, struct field domain_or_table, struct vpasswd const *record);
bool snapshot_commit(struct snapshot_writer *w);
void snapshot_forget(struct snapshot_writer *w);

/* ---- to use it ---- */

enum {
  SNAPSHOT_WITH_HASH = 1,       /* without his hash he will not do */
  SNAPSHOT_NO_TABLE = 2         /* nor one of a domain that has a table of its own */
};

/* STORE_LATELY, and *age in seconds; the record lies in space. Else STORE_TROUBLE with errno: what it does not tell nobody knows. */
enum store_result snapshot_find(struct vpasswd *record, stralloc *space, struct snapshot_rules const *rules, struct field domain,
                                struct field name, unsigned how, long *age);

/* All users of the domain, in no order, until each() says false. */
enum store_result snapshot_list(struct snapshot_rules const *rules, struct field domain, unsigned how,
                                store_each *each, void *with, long *age);

#endif
