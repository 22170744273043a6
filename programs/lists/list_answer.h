/* list_answer: a mail with a text, and behind it the beginning of the message that it is about. Where the list encodes its texts,
   both are parts of a multipart mail. */

#ifndef MAILTREE_LIST_ANSWER_H
#define MAILTREE_LIST_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"
#include "list.h"

/* MIME-Version and Content-Type. */
void list_answer_fields(struct list const *l, char const *boundary);

/* Behind the empty line that ends the header: what follows is the text. */
void list_answer_text(struct list const *l, char const *boundary);

/* The text is over, what follows is the message; and the end of that. */
void list_answer_message(struct list const *l, char const *boundary);
void list_answer_end(struct list const *l, char const *boundary);

/* How much of a message goes back: its header, and so many lines of its body as DIR/copylines says. */
uint64_t list_copylines(struct list const *l);

/* The beginning of a message, up to so many lines of its body. Pure. */
struct field message_beginning(struct field message, uint64_t lines);

#endif
