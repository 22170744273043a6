/* answer_limit: a list is no way to fill somebody's mailbox. Whom an answer goes to is whoever a request says that it comes from; so
   within ten minutes there are five answers to a request that comes again, and so much for one address, and within a minute so much
   for all. Five, since people ask again when the first answer is not where they look, and scripts when a test is run again. An answer weighs one; one with posts of an archive, one for each twenty of them.

   What was answered is in DIR/answers, a line for each answer of the last ten minutes; DIR/answerlimit, "ONE:ALL", says how much may be,
   25:60 where there is none, and 0 is no limit. Only mail is limited: where RECIPIENT is not set, a program has been run by hand. */

#ifndef MAILTREE_ANSWER_LIMIT_H
#define MAILTREE_ANSWER_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "list.h"

enum { ANSWER_SPAN = 600, ANSWER_MINUTE = 60, ANSWERS_TO_ONE = 25, ANSWERS_A_MINUTE = 60, ANSWERS_A_MINUTE_MAX = 1000, ANSWER_POSTS = 20,
       ANSWERS_TO_A_REQUEST = 5 };

/* To whom, and what was asked; without a request, each is another one. */
struct answer { struct field address, request; uint64_t posts; };

enum answer_limit { ANSWER_MAY, ANSWER_HAD /* the same, again and again */, ANSWER_ENOUGH /* that address */, ANSWER_BUSY /* the list */ };

/* ---- pure ---- */

struct answer_bounds { uint64_t one, all; };            /* 0: none */

/* "25:60"; what is missing or no number is as where there is no such file. */
void answer_bounds_read(struct answer_bounds *b, struct field text);

uint64_t answer_weight(struct answer const *a);

/* What the lines "TIME WEIGHT ADDRESS REQUEST", hashes of these, say about one more. What was given counts: an answer that weighs
   more than may be is given to who has had less. */
enum answer_limit answer_limit_of(struct field lines, struct answer const *a, struct answer_bounds const *b, uint64_t now);

/* Those of the last ten minutes, and a new one. Replaces *to. */
void answer_limit_lines(stralloc *to, struct field lines, struct answer const *a, uint64_t now);

/* ---- the file ---- */

/* Whether it may be answered; DIR/lockanswers is held, if so, until answer_limit_done, which is for the last one that was asked for. Else
   it has been told why not. Where the list has answered too much, ends the program with 111: the request comes again. */
bool answer_limit_may(struct list const *l, struct answer const *a);

/* The same for what must not be lost: with 111, too, where its address has had too much. */
void answer_limit_wait(struct list const *l, struct answer const *a);

/* It is queued. Where that cannot be noted there is a warning. */
void answer_limit_done(void);

#endif
