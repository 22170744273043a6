/* list_sentences: what a list says in single sentences where nobody has said it otherwise (text/messages), by identifier. */

#ifndef MAILTREE_LIST_SENTENCES_H
#define MAILTREE_LIST_SENTENCES_H

#include "fields.h"

struct list_sentence { char const *identifier, *text; };

/* The last row has no identifier. */
extern struct list_sentence const list_sentences[];

/* The sentence; null when there is none of that name. */
char const *list_sentence(struct field identifier);

#endif
