/* filter_chain: programs in a row, each of which reads a message on descriptor 0 and writes it on 1; what it says of a message that
   it refuses comes on 6. All run at once, none as root. qmail-filter(8). */

#ifndef MAILTREE_QUEUE_FILTER_CHAIN_H
#define MAILTREE_QUEUE_FILTER_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "filters_max.h"
#include "queue_client.h"

struct mail_filter {
  char *command;            /* as a line of a .qmail file: words, or something for /bin/sh */
  pid_t pid;
  int input, said;          /* what it reads, for us to see whether it has read it all; descriptor 6 */
  bool late, stopped_early; /* known when it has ended, as is wstat */
  int wstat;
};

struct filter_chain {
  size_t count;
  struct mail_filter of[FILTERS_MAX];
  int output;               /* of the last one */
  int limit;                /* milliseconds they may take behind the end of the message, or with what they have to read */
  int64_t until;            /* when that is over; 0 as long as the message comes */
  bool stopped;
  char text[QUEUE_TEXT_MAX + 1];
};

/* Takes the lines of a file that are neither empty nor comments; the text is changed and stays in use. False: they are too many. */
bool filter_chain_take(struct filter_chain *c, char *text, size_t len);

/* Starts them; the first one reads our descriptor 0. False with errno. */
bool filter_chain_start(struct filter_chain *c);

/* What the last one wrote; 0 at its end; -1 with errno, ETIMEDOUT when it does not come. */
ssize_t filter_chain_read(struct filter_chain *c, char *s, size_t len);

/* Ends those that have not ended, and says what came of all: an exit code of queue_exit.h, 0 when each read and passed on the
   whole message; with QUEUE_EXIT_OWN_TEXT in c->text the verdict. What an administrator should know is on descriptor 2. */
int filter_chain_end(struct filter_chain *c);

/* Their time is over, and what they wrote is not all: filter_chain_end will say so, however well they end. */
void filter_chain_stop(struct filter_chain *c);

#endif
