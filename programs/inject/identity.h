/* identity: who sends, by environment and control files, and what a message gets that comes without. A program
   that cannot find it out ends: "unable to read control/x" 111, "unable to parse address: X" 100. */

#ifndef MAILTREE_IDENTITY_H
#define MAILTREE_IDENTITY_H

#include <stdbool.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "rewrite.h"

/* The letters of QMAILINJECT. */
struct letters {
  bool comment_style;       /* c: From as "address (Name)" */
  bool own_sender;          /* s: Return-Path does not count */
  bool own_from;            /* f: From does not count */
  bool own_id;              /* i: Message-ID does not count */
  bool verp_recipient;      /* r */
  bool verp_message;        /* m */
};

void letters_read(struct letters *letters);

/* The envelope sender of somebody who named none, VERP included. Replaces *sender. */
void identity_sender(stralloc *sender, struct rewrite_rules const *rules, struct letters const *letters, time_t now);

/* Appends address and name as From shows them. */
void identity_from(stralloc *to, struct rewrite_rules const *rules, struct letters const *letters);

/* Appends "<YYYYMMDDHHMMSS.PID.RANDOM.qmail@IDHOST>". */
void identity_message_id(stralloc *to, time_t now);

/* Completes a raw address; ends the program when it is none. Either result may be null. */
void identity_complete(stralloc *header, stralloc *envelope, struct rewrite_rules const *rules, char const *s,
                       size_t len);

#endif
