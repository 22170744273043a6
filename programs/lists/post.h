/* post: a message on its way through ezmlm-send, into the archive and to the queue at once. */

#ifndef MAILTREE_LISTS_POST_H
#define MAILTREE_LISTS_POST_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/buffer.h>
#include <skalibs/stralloc.h>

#include "list.h"
#include "list_words.h"
#include "listed.h"
#include "mail_header.h"

enum post_where { TO_ARCHIVE = 1, TO_QUEUE = 2, TO_BOTH = 3 };

struct post {
  struct list list;
  struct mail_header header;
  stralloc sender;                      /* of the envelope, unwrapped; empty: there is none */
  stralloc parent;                      /* the list that this one redistributes; empty: none */
  struct header_choice choice;          /* which fields pass */
  stralloc prefix;                      /* of subjects, its # as a number */
  stralloc prefix_pattern;              /* the same with # */
  bool all_received, reply_to_list, rewrite_from, archived, indexed;

  uint64_t number;                      /* of this list */
  char digits[24];                      /* of the number that subscribers see */
  struct list_tags tags;
  int archive_fd;                       /* -1: none */
  size_t used;                          /* of what is not written yet */
  char unwritten[16384];
  uint64_t body;                        /* bytes of it that have come */
};

/* Bytes for one of the two, or both. Ends the program when the archive cannot be written. */
void post_put(struct post *p, enum post_where where, char const *s, size_t len);
void post_add(struct post *p, enum post_where where, char const *s);
void post_flush(struct post *p);
_Noreturn void post_archive_failed(struct post const *p);

/* The header, with what the list puts in front of it, and the empty line. */
void post_header(struct post *p);

/* The body that follows in the buffer, and the trailer. False: of its parts none is left. */
bool post_body(struct post *p, buffer *in);

#endif
