/* confirm_limit: a list asks nobody twice within an hour for the same confirmation, and no more than ten in a minute: else strangers
   could have it fill a mailbox with its questions.

   When it has asked is in DIR/confirms, a line for each of the last hour, six hundred at most. The caller holds the lock of the list
   from the question to the note. Only what is asked by mail counts, and waits (list_environment.h). */

#ifndef MAILTREE_CONFIRM_LIMIT_H
#define MAILTREE_CONFIRM_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { CONFIRM_HOUR = 3600, CONFIRM_MINUTE = 60, CONFIRMS_A_MINUTE = 10 };

enum confirm_limit { CONFIRM_MAY, CONFIRM_ASKED /* within the hour */, CONFIRM_BUSY /* too many within the minute */ };

/* What the lines "TIME HASH" say about one more of that hash, SURF_LETTERS letters. Pure. */
enum confirm_limit confirm_limit_of(struct field lines, char const *hash, uint64_t now);

/* Those of the last hour, without those of that hash, and with a new one where it is added. Replaces *to. Pure. */
void confirm_limit_lines(stralloc *to, struct field lines, char const *hash, uint64_t now, bool added);

/* The same of DIR/confirms, for a question (the name of its text) to an address of a table. */
struct confirm_question { char const *table, *text; struct field address; };
enum confirm_limit confirm_limit_look(struct confirm_question const *q, uint64_t now);

/* Keeps that it was asked now, or that it was answered. Failure is a warning: what had to be done has been done. */
void confirm_limit_note(struct confirm_question const *q, uint64_t now, bool asked);

#endif
