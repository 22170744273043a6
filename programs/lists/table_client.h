/* table_client: asks about tables of a list that are in a database. What is asked goes to a helper, which alone has the library of that
   database; it is started for the first question, and ends with this program. Trouble ends this program with 111. */

#ifndef MAILTREE_LISTS_TABLE_CLIENT_H
#define MAILTREE_LISTS_TABLE_CLIENT_H

#include <skalibs/stralloc.h>

#include "list.h"
#include "subdb.h"
#include "table_wire.h"

/* Where the list has its subscribers: as given (-S), or as DIR/subdb or DIR/sql says; without them in files. Ends the program when that
   is no place. */
enum subdb_kind table_kind_of(struct list const *l, char const *given);

/* The same in *kind, of what -S gave or null; false: *why is replaced by what is wrong. */
bool table_kind_try(char const *given, enum subdb_kind *kind, stralloc *why);

/* The helper of that kind is there, or the program ends. One at a time. */
void table_client_open(struct list const *l, enum subdb_kind kind, char const *given);

/* Whether it is there and has found where to ask; false: *why is replaced by what is wrong. */
bool table_client_try(struct list const *l, enum subdb_kind kind, char const *given, stralloc *why);

/* Asks what has no rows; false: *why is replaced by what is wrong. */
bool table_client_ask_try(struct table_frame *question, stralloc *why);

/* Asks; hands the text of each row to put, which may be null. */
enum table_word table_client_ask(struct table_frame *question, void (*put)(void *to, struct field text), void *to);

/* Asks what has no rows, up to TABLE_TOGETHER changes of which each says how many are behind it, and hands the answer to each. */
void table_client_ask_all(struct table_frame const *questions, size_t count, void (*told)(void *to, size_t at, struct table_frame const *), void *to);

#endif
