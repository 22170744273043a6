/* delivery_wire: what qmail-send and the two spawners say to each other.

   At start the spawner says its greatest number of simultaneous deliveries: 2 bytes, little-endian.

   A command, qmail-send to spawner: 4 bytes length of the rest, little-endian; then a byte, '?' when nothing is known of
   the destination, which nothing has reached lately, else '-'; then
     messid NUL sender NUL destination NUL, and for each recipient: slot (2 bytes, little-endian) recipient NUL.
   With '!' in place of '?', or '+' in place of '-', words of envelope_extra.h follow, and a NUL: behind the destination
   those of the message, behind each recipient his. They may be empty. With the letters a, b, c, d in place of '-', '+', '?', '!'
   a text of sending_identity.h stands behind the destination and in front of the words, with a NUL: as whom this goes out.
   messid is "S/N" as in queue_path_id. All recipients of one command have one domain and may share one transaction;
   qmail-lspawn gets one recipient a command. The sender is already VERP-expanded. The destination is qmail-send's name
   for where this goes, which only serves to bring together what may share a connection; it may be empty.

   A command with nothing in it but '-' and three NULs, and no recipient, tells the spawner to end what runs: now, by force.

   A question is a command with a slot from WIRE_SLOTS_MAX on and without messid. To qmail-rspawn: where does mail for the
   recipient's domain go? To qmail-lspawn: whose is the address?

   A report, spawner to qmail-send, one for each slot of a command, in any order:
     slot (2 bytes), letter K (success), Z (deferral) or D (failure), outcome, most, text, NUL.
   The outcome is a byte that tells whether a server was reached, which nobody has to read out of a text that quotes it.
   Most is a byte: how many recipients a transaction with that server may have, at most WIRE_RECIPIENTS_MAX; 0 when nothing
   was learnt of that.
   One with the letter L goes before another for the same slot: the delivery is light, it does nothing but fill Maildirs.
   The answer to a question is one with the letter W: the text is a name that the domain has in common with others whose
   mail goes to the very same servers, or the address with others of the account. Any other letter: that is not known. */

#ifndef MAILTREE_DELIVERY_WIRE_H
#define MAILTREE_DELIVERY_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "envelope_extra.h"
#include "sending_identity.h"

enum {
  WIRE_SLOTS_MAX = 1000,            /* deliveries a spawner can carry at once */
  WIRE_QUESTIONS_MAX = 50,          /* questions at once */
  WIRE_RECIPIENTS_MAX = 100,        /* recipients of one command */
  WIRE_DESTINATION_MAX = 1000,      /* bytes of a destination's name */
  WIRE_COMMAND_MAX = 4 + 1 + 64 + WIRE_DESTINATION_MAX + SENDING_IDENTITY_MAX + 2 * EXTRA_WORDS_MAX
                   + (2 + WIRE_RECIPIENTS_MAX) * 1100,   /* bytes */
  WIRE_REPORT_MAX = 10000           /* bytes of a report's text; the rest is cut */
};

struct wire_recipient { unsigned slot; char const *address, *extras; };

struct wire_command {
  bool stranger;                    /* nothing is known of the destination */
  char const *messid, *sender, *destination;
  char const *identity;             /* null: what goes out is as always */
  char const *extras;               /* null: none of the message, nor of any recipient */
  size_t count;
  struct wire_recipient recipients[WIRE_RECIPIENTS_MAX];
};

/* Appends the bytes of a command. 1, or 0 without memory. */
int wire_command_pack(stralloc *to, struct wire_command const *c);

/* Reads the command at the start of s. Bytes it took; 0 when more bytes are needed; -1 when the bytes are not
   a command (the other side is broken). Texts lie in s. */
long wire_command_unpack(struct wire_command *c, char const *s, size_t len);

/* Appends the extras of a command that has some, as a program that delivers gets them (envelope_extra.h), NUL-terminated. 1, or 0
   without memory. */
int wire_command_extras(stralloc *to, struct wire_command const *c);

/* The command to end what runs. */
extern struct wire_command const WIRE_END;
bool wire_is_end(struct wire_command const *c);

/* Whether it is a question: its slot is one of those for questions, and it names no message. */
bool wire_is_question(struct wire_command const *c);

/* The letter of a delivery that was ended so: a deferral that is no failure even when it was the last attempt. */
enum { WIRE_ENDED = 'E' };

/* It runs, and no program does. */
enum { WIRE_LIGHT = 'L' };

enum wire_outcome {
  WIRE_REACHED = 'r',               /* a server answered, whatever it said */
  WIRE_PASSED_ON = 'p',             /* the same; and whoever has the message now knows what its sender wishes to be told */
  WIRE_EXPANDED = 'x',              /* several have it now, of whom none answers for success */
  WIRE_UNREACHED = 'u',             /* none could be reached, or it went away in the midst */
  WIRE_UNKNOWN = '-'                /* nobody knows, or cares; so counts any other byte */
};

struct wire_report { unsigned slot; char letter, outcome; unsigned most; char const *text; size_t len; };

/* Appends the bytes of a report; 1, or 0 without memory. */
int wire_report_pack(stralloc *to, struct wire_report const *r);

/* As wire_command_unpack. A text longer than WIRE_REPORT_MAX counts as a broken other side. */
long wire_report_unpack(struct wire_report *r, char const *s, size_t len);

#endif
