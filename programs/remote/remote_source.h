/* remote_source: the message as it goes out: as it is, with those lines folded that are too long, or in 7 bits. */

#ifndef MAILTREE_REMOTE_SOURCE_H
#define MAILTREE_REMOTE_SOURCE_H

#include <stdbool.h>

#include "remote_message.h"
#include "smtp_client.h"

enum source_form { SOURCE_PLAIN, SOURCE_FOLDED, SOURCE_SEVEN };

/* Whether a message in a file can have its third form, which it must be asked before. *problem says in words why not, and
   is null if it can. False when it cannot be read. */
bool source_learn_seven(struct message const *m, char const **problem);

/* Whether a message in a file has a header beyond ASCII, its own or one within. False when it cannot be read. */
bool source_learn_header(struct message const *m, bool *wide);

/* There is one at a time. Only a message that has lines that are too long is folded. */
struct smtp_source const *source_of(struct message const *m, enum source_form form);

/* How long it may be on the wire, without doubled dots; 0: not known. */
uint64_t source_size(struct message const *m, enum source_form form);

#endif
