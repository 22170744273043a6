/* respond: one message is answered by a robot, or is not: what autorespond and vacation share. RFC 3834. */

#ifndef MAILTREE_RESPOND_H
#define MAILTREE_RESPOND_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"
#include "mail_header.h"

enum { RESPOND_TEXT_MAX = 1 << 20 };      /* bytes of the text that is sent */

struct respond_task {
  uint64_t seconds, number;       /* at most so many answers to one sender in that time */
  char const *text;               /* the name of its file */
  char const *directory;          /* remembers who has been answered */
  char const *arsender;           /* whom bounces of the answer go to; "+" or "$": nobody */
  bool quotes;                    /* the message below the text */
  struct field own;               /* the address that was written to */
  /* Opens the text, when it is known that the message may be answered. -1 with errno; *why, when there is to be no answer
     after all. It may change the task. Null: the file is opened. */
  int (*open_text)(struct respond_task *task, struct mail_header const *original, char const **why);
};

/* The message is on descriptor 0. With what the program ends: 0 answered, or nothing to answer, of which it tells why on
   descriptor 1; 100 the message has been answered before, a loop; 111 trouble. May end it itself. */
int respond(struct respond_task *task);

/* The value of a variable that a line of a .qmail file has; ends the program with 111. */
char const *respond_variable(char const *name);

/* The address that was written to, by LOCAL, EXT and HOST; good until the next call. */
struct field respond_own_address(void);

#endif
