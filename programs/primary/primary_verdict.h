/* primary_verdict: what an answer to RCPT says about an address. Pure. */

#ifndef MAILTREE_PRIMARY_VERDICT_H
#define MAILTREE_PRIMARY_VERDICT_H

#include "fields.h"
#include "primary.h"

/* PRIMARY_NOBODY only when the refusal is for ever and about the address. One that is about us, about the sender or about how things
   are there (RFC 3463: 5.1.7 and 5.1.8, most of 5.2, 5.3 to 5.7) says nothing of it, nor does one for now. */
enum primary_said primary_verdict(unsigned code, struct field text);

#endif
