/* serial_client: the two ends of a program that maildirserial runs: names of files come in on descriptor 0, each with a NUL
   behind it, and what became of them goes out on descriptor 1 (serial_result.h). */

#ifndef MAILTREE_SERIAL_CLIENT_H
#define MAILTREE_SERIAL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { SERIAL_TEXT_MAX = 2000 };      /* bytes of a text */

/* Replaces *name; false at the end. Ends the program when the names cannot be read. */
bool serial_client_name(stralloc *name);

/* K it has it, Z not now, D never. What is not printable in the text becomes a question mark. Ends the program when nobody
   listens any more: what it does from now on would be done again. */
void serial_client_result(char const *name, char status, char const *text, size_t len);

/* The same with who said it, where that is known: "IP to: RECIPIENT said: TEXT"; without a recipient "IP said: TEXT". */
void serial_client_said(char const *name, char status, char const *recipient, struct field text);

/* The file cannot be read: temporary, with the reason of errno. */
void serial_client_unreadable(char const *name);

/* On descriptor 2: it is none of those that can be sent. */
void serial_client_not_ours(char const *name);

#endif
