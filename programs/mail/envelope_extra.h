/* envelope_extra: what belongs to a message, or to one of its recipients, beyond sender and recipients. It goes with them from
   the injector through the queue to who delivers, as records of a small letter and a value:

     of the message     e  ENVID, xtext                     RFC 3461 4.4
                        r  RET, FULL or HDRS                RFC 3461 4.3
                        b  BODY, 7BIT, 8BITMIME or BINARYMIME   RFC 6152, RFC 3030
                        i  SMTPUTF8, no value               RFC 6531
     of a recipient     n  NOTIFY, as of notify_format      RFC 3461 4.1
                        o  ORCPT, type ';' xtext            RFC 3461 4.2; of type utf-8 also as in RFC 6533 3

   Each stands once, or not at all, which is the rule. A message without any goes its way as if there were none of this.

   Injectors:   queue_client_extra (queue_client.h), behind queue_client_from or the queue_client_to that it belongs to.
   On descriptor 1 of qmail-queue and in a queue file: records among those for the addresses, of the message before the first
   recipient, of a recipient behind him. No other program of the family ever wrote such a record there: qmail-queue
   refused it.
   qmail-send to the spawners, and these to qmail-local and qmail-remote: as words, see below. */

#ifndef MAILTREE_ENVELOPE_EXTRA_H
#define MAILTREE_ENVELOPE_EXTRA_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum envelope_extra {
  EXTRA_ENVID = 'e', EXTRA_RET = 'r', EXTRA_BODY = 'b', EXTRA_SMTPUTF8 = 'i',
  EXTRA_NOTIFY = 'n', EXTRA_ORCPT = 'o'
};

enum {
  EXTRA_VALUE_MAX = 500,       /* bytes of the longest value, ORCPT */
  EXTRA_ENVID_MAX = 100,
  EXTRA_KINDS = 6,
  EXTRA_WORDS_MAX = 600        /* bytes of all words of a message, or of a recipient */
};

/* Whether there is such a record of a recipient, or of a message. */
bool extra_is_known(char letter, bool of_recipient);

/* Whether the value is one for the letter. Values have neither blanks nor control bytes. */
bool extra_fits(char letter, char const *s, size_t len);

/* A bit for the letter, to tell which there were; 0 for a letter that is none. */
unsigned extra_bit(char letter);

/* ---- as words: a letter and its value, with a blank between words ---- */

/* Appends a word. 1, or 0 without memory. */
int extra_add(stralloc *words, char letter, char const *s, size_t len);

/* The value of the letter's word. False when there is none; what does not fit is none. */
bool extra_find(struct field *value, char const *words, size_t len, char letter);

/* The wishes of a recipient: the bits of his NOTIFY, 0 without. */
unsigned extra_notify(char const *words, size_t len);

/* ---- for a program that delivers ----

   Words of the message, a newline, words of the first recipient, a newline, and so on; not for a message without any. At
   the start of the program in a variable, for a further delivery behind an option in front of the arguments. */

#define EXTRAS_VARIABLE "QMAILEXTRAS"
#define EXTRAS_OPTION "-x"

/* The line of that number, 0 that of the message; empty when there is none. */
struct field extras_line(char const *extras, size_t number);

#endif
