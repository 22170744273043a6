/* subscribers_elsewhere: a table of subscribers that is in a database, as subscribers.c has it in files. The helper is there
   (table_client.h). Trouble ends the program with 111. */

#ifndef MAILTREE_SUBSCRIBERS_ELSEWHERE_H
#define MAILTREE_SUBSCRIBERS_ELSEWHERE_H

#include "subdb.h"
#include "subscribers.h"
#include "table_wire.h"

/* Replaces *found by the address as it is kept; empty: it is not. */
void elsewhere_find(struct field table, struct field address, stralloc *found);

uint64_t elsewhere_each(struct field table, struct subscribers_range which, void (*put)(void *to, struct field address), void *to);

enum elsewhere_change { ELSEWHERE_SAME, ELSEWHERE_CHANGED, ELSEWHERE_UNFIT };

/* forced: with that hash, or of that hash alone; -1: its own, or any. */
enum elsewhere_change elsewhere_add(struct field table, struct field address, struct subscribers_event const *why, int forced);
enum elsewhere_change elsewhere_remove(struct field table, struct field address, struct subscribers_event const *why, int forced);

/* Many at once, TABLE_TOGETHER at most, all of which are added, or all removed. Tells of each in their order, why: what the database says of
   one that is unfit. */
struct elsewhere_wish { struct field address; struct subscribers_event why; int forced; };
typedef void elsewhere_told(void *to, size_t at, enum elsewhere_change change, struct field why);
void elsewhere_change_all(struct field table, bool adds, struct elsewhere_wish const *wishes, size_t count, elsewhere_told *told, void *to);

/* What the word says, of the whole list: begin, commit, drop. */
void elsewhere_do(enum table_word word);

bool elsewhere_note_post(struct field table, struct subscribers_post const *post, stralloc *why);

/* Each line of the table's log, the oldest first, with its newline. */
void elsewhere_log(struct field table, void (*put)(void *to, struct field line), void *to);

/* Whether all tables of the list answer; whether they do now that those are made which did not. False: *why is replaced by what is
   wrong. */
bool elsewhere_answers(struct list const *l, enum subdb_kind kind, stralloc *why);
bool elsewhere_make(struct list const *l, enum subdb_kind kind, stralloc *why);

#endif
