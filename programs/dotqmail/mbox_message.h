/* mbox_message: the messages of an mbox file, where they lie. Pure.

   A message begins behind a line "From address Www Mmm DD HH:MM:SS YYYY" that stands at the beginning of the file or behind an
   empty line. A line that begins with "From " and does not look like that belongs to its message: not every program quotes. */

#ifndef MAILTREE_DOTQMAIL_MBOX_MESSAGE_H
#define MAILTREE_DOTQMAIL_MBOX_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct mbox_message {
  struct field sender;          /* as the From_ line has it */
  time_t when;                  /* its date; the offset, if there is one, is heeded */
  struct field text;            /* quoted as it is, without the empty line behind it */
};

enum mbox_result { MBOX_MESSAGE, MBOX_END, MBOX_IS_NONE /* what begins here is no message */ };

/* Reads the message that begins at *at, 0 at first, and moves *at to the next one. Empty lines at the beginning do not count. */
enum mbox_result mbox_next(struct mbox_message *to, char const *s, size_t len, size_t *at);

/* Whether the line, without its end, begins a message. */
bool mbox_from_line(struct mbox_message *to, struct field line);

/* Appends the text without its quotation: of a line that begins with one '>' or several and "From " the first goes. 1, or 0
   without memory. */
int mbox_unquote(stralloc *to, struct field text);

#endif
