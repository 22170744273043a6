/* vdotqmail: the .qmail file of a virtual user, which knows less than that of an account.

     while (vdotqmail_next(&in, s, len, &at)) ...in.kind is INSTRUCTION_PROGRAM, MAILDIR, MBOX or FORWARD

   All lines are judged before the first is obeyed: else mail that was delivered by a good line would come again and
   again, since a bad one below makes it wait. Pure. */

#ifndef MAILTREE_VDOTQMAIL_H
#define MAILTREE_VDOTQMAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "instructions.h"

/* The next line that says something; comments and blank lines are passed over. As instruction_next. */
bool vdotqmail_next(struct instruction *to, char const *s, size_t len, size_t *at);

struct vdotqmail_verdict {
  size_t instructions;          /* 0: comments at most, so that mail goes into the user's Maildir */
  size_t line;                  /* the number of the first that cannot be obeyed, from 1; or 0 */
  char const *fault;            /* what is wrong with it, or null */
};

/* Whether a file without instructions wants all mail deleted: one of its comments is the line "# delete", which web pages
   write for it. */
bool vdotqmail_deletes(char const *s, size_t len);

struct vdotqmail_verdict vdotqmail_judge(char const *s, size_t len);

#endif
