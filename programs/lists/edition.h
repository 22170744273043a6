/* edition: a mail with messages of an archive in it, in one of five forms. Bytes go to list_mail.h as they come; of a message no more
   than its header is held.

     m  multipart/digest, each message with some of its fields        x  the same as multipart/mixed
     v  multipart/digest, each message whole                          n  the same, in the order of numbers, without a table of contents
     r  text/plain, as RFC 1153 has it */

#ifndef MAILTREE_EDITION_H
#define MAILTREE_EDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "contents.h"
#include "fields.h"
#include "list.h"
#include "list_words.h"
#include "listed.h"

struct edition {
  struct list const *list;
  char format;
  char const *boundary;
  struct list_tags tags;
  struct header_choice fields;          /* of a message, in the forms m and x */
};

void edition_begin(struct edition *e, struct list const *l, char format, struct list_tags const *tags);

/* MIME-Version and Content-Type. */
void edition_fields(struct edition *e, char const *boundary);

/* Behind the header: what follows is the text in front of the messages. */
void edition_text(struct edition const *e);

/* Which messages these are, by subject. */
void edition_topics(struct edition const *e, struct contents *c, uint64_t from, uint64_t to);

/* The text in front is over, and a request that comes in a part of its own where texts are encoded; what follows are messages. */
void edition_request(struct edition const *e);
void edition_messages(struct edition const *e, bool with_request);

void edition_message(struct edition *e, uint64_t number);
void edition_end(struct edition const *e);

/* The sentence in a line of its own. */
void edition_say(struct edition const *e, char const *identifier, char const *one, char const *two);

/* The text; it must be there. */
void edition_put_text(struct edition const *e, char const *name);

#endif
