/* subscribers: a table of addresses of a list: those who read it (main), digest, allow, deny, mod, or any other by name.

   Where they are kept, DIR/subdb says: in 53 files, the default, or in a database. Changes are durable when a call returns, and
   one at a time: each locks the table. Trouble ends the program with 111. */

#ifndef MAILTREE_SUBSCRIBERS_H
#define MAILTREE_SUBSCRIBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "list.h"

enum { SUBSCRIBERS_HASHES = 53 };

struct subscribers;

/* A part of a table: hashes low to high, both of it. All: { 0, 52 }. */
struct subscribers_range { unsigned low, high; };

/* What a change is told to the log: "+manual", and what the subscriber is called, empty: nothing. */
struct subscribers_event { char const *tag; struct field comment; };

/* The hash of an address without its T, 0 to 52, as releases of 64 and of 32 bits computed it. Pure. */
unsigned subscribers_hash(struct field address, bool narrow);

/* The same of 64 bits over the address alone; and in lower case, by which lists are split. */
unsigned subscribers_hash_bare(struct field address);
unsigned subscribers_hash_split(struct field address);

/* "." or "" or null is main; DIR/NAME is NAME. Ends the program, 111, for a name with another slash. subdb: what -S gave; null:
   as DIR/subdb says; "std": files, -M. */
struct subscribers *subscribers_open(struct list const *l, char const *table, char const *subdb);
void subscribers_close(struct subscribers *s);

/* Whether the address is in the table: itself, case aside, then its "@domain". Replaces *found by the address as it is kept. */
bool subscribers_have(struct subscribers *s, struct field address, stralloc *found);

/* Adds or removes; false when it was so already. What is no address (no '@', a newline, too long) ends the program with 100.
   forced: the hash of the file, -1: its own. */
bool subscribers_add(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced);
bool subscribers_remove(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced);

/* Many changes at once: from the first on to the second the table is locked, its files are changed in memory only, and each is written once,
   durably, with the lines of the log behind them. Trouble, or what is no address, writes what came before it. One table at a time.
   In a database all are done or none, and what add and remove say meanwhile means nothing; a tag stays where it is until the second. How
   many addresses that did not take, of which each is named in a warning. */
void subscribers_gather(struct subscribers *s);
size_t subscribers_settle(struct subscribers *s);

/* Hands each address in turn, the files in order, with constant memory; returns how many. put may be null. */
uint64_t subscribers_each(struct subscribers *s, struct subscribers_range which, void (*put)(void *to, struct field address), void *to);

/* Whether they are in a database, and then: hands each line of the table's log there, the oldest first; removes all tables of the
   list. */
bool subscribers_are_elsewhere(struct subscribers const *s);
void subscribers_log(struct subscribers *s, void (*put)(void *to, struct field line), void *to);
void subscribers_drop(struct subscribers *s);

/* What has been done with a post, for the log of posts that a database has: of how many readers, and how far it is. */
enum post_stage { POST_ACCEPTED = 1, POST_SENT = 4 };
struct subscribers_post { uint64_t number, readers; enum post_stage stage; struct field cookie; };

/* False: *why is replaced by what is wrong. In files there is no such log, and nothing is wrong. */
bool subscribers_note_post(struct subscribers *s, struct subscribers_post const *post, stralloc *why);

/* For who does not end when there is trouble: whether the tables of the list answer, and whether those that a database has not are
   made there. False: *why is replaced by what is wrong. */
bool subscribers_answer(struct list const *l, stralloc *why);
bool subscribers_make(struct list const *l, stralloc *why);

#endif
