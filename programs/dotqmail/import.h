/* import: messages of another kind of mailbox into a Maildir. None is there before all are on disk; a second run brings only
   those that the first did not, whatever has become of their flags since. Each ends the program when it fails. */

#ifndef MAILTREE_DOTQMAIL_IMPORT_H
#define MAILTREE_DOTQMAIL_IMPORT_H

#include <stdbool.h>
#include <time.h>

#include "fields.h"

struct import_message {
  struct field head, text;
  bool is_quoted;               /* as in an mbox */
  bool is_seen;                 /* by a mail reader, which may have put flags on it; else it is new */
  char flags[8];                /* of a Maildir, in their order */
  time_t when;
};

/* Opens what is read. Root follows no link that somebody else may have made. */
int import_open(char const *path, int flags);

/* Root becomes the owner of the Maildir. */
void import_begin(char const *maildir);

void import_add(struct import_message const *message);

/* Says how many came. */
void import_end(void);

/* Nothing is left, exit 111. */
_Noreturn void import_fail(char const *doing, char const *what);

/* The bytes of a file, as long as the program runs; one that shrinks meanwhile ends it. */
struct field import_map(int fd, char const *name);

/* The value of the first field of that name in the header the text begins with; empty where there is none. */
struct field import_header(struct field text, char const *name);

/* Flags of the letters that mail readers put into Status and X-Status. */
void import_status(struct import_message *message);

#endif
