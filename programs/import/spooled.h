/* spooled: a message in the queue of another mail system, as that has it in its files. Pure. */

#ifndef MAILTREE_IMPORT_SPOOLED_H
#define MAILTREE_IMPORT_SPOOLED_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct spooled {
  stralloc sender;
  stralloc recipients;          /* who have not got it yet, each ended by a NUL */
  stralloc header;              /* where it stands beside the envelope */
  bool has_crlf;                /* lines of the body end with CR LF */
  char const *fault;            /* why it is none that can be read */
};

/* What Exim has in its file ID-H, and in ID-J, where there is one: who got it since. */
bool spooled_read_exim(struct spooled *m, struct field h, struct field j);

/* What sendmail has in its qf file. */
bool spooled_read_sendmail(struct spooled *m, struct field qf);

/* What Postfix's postcat -e says. */
bool spooled_read_postfix(struct spooled *m, struct field shown);

/* Begins anew, and keeps the memory. */
void spooled_clear(struct spooled *m);

void spooled_add_recipient(struct spooled *m, struct field f);
void spooled_remove_recipient(struct spooled *m, struct field f);

#endif
