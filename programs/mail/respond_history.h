/* respond_history: whom a robot has answered, and when. A file for each answer in a directory of its own, as autorespond has
   always kept them: APID.SECONDS, the sender in it. */

#ifndef MAILTREE_RESPOND_HISTORY_H
#define MAILTREE_RESPOND_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "fields.h"

enum {
  RESPOND_HISTORY_MAX = 2000,       /* answers in one period, to all senders together */
  RESPOND_HISTORY_NAME = 80         /* bytes of a file's name, with its NUL */
};

enum respond_history_result {
  RESPOND_NOTED,            /* name is that of the new file */
  RESPOND_ENOUGH,           /* he has had as many as he gets */
  RESPOND_FULL,             /* all together have */
  RESPOND_TROUBLE           /* errno */
};

struct respond_history {
  int directory;
  uint64_t period;          /* seconds; what is older is removed */
  uint64_t most;            /* answers to one sender in that time */
};

/* Notes one more answer to the sender, at most ADDRESS_MAX bytes, if he may have it. One at a time looks and notes. */
enum respond_history_result respond_history_note(char name[RESPOND_HISTORY_NAME], struct respond_history const *h,
                                                 struct field sender, time_t now);

/* The answer was not sent after all. */
void respond_history_forget(struct respond_history const *h, char const *name);

/* Forgets all answers; other files in the directory stay. False with errno. */
bool respond_history_clear(int directory);

#endif
