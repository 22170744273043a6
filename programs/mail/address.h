/* address: mail addresses as bytes. An address is split at its last '@': the box before it, the domain
   behind it. Inside the system boxes are unquoted: the address of "a b"@c is the five bytes a b@c. */

#ifndef MAILTREE_ADDRESS_H
#define MAILTREE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

/* The index of the last '@', or len when there is none. */
size_t address_at(char const *s, size_t len);

/* Appends the address as RFC 5322 wants it: the box quoted where it needs to be, the domain as it is.
   Characters of UTF-8
   need no quotes (RFC 6531 3.3). The empty address stays empty; an address without '@' is a box. 1, or 0 without memory. */
int address_quote(stralloc *to, char const *s, size_t len);

/* Reads the argument of MAIL or RCPT ("FROM:<a@b> SIZE=9", "<a@b>", "FROM: a@b"): RFC 5321 4.1.2, and
   what clients make of it. The address replaces *to, unquoted and without source route. *rest becomes the index
   where the text behind the address begins (ESMTP parameters). 1; 0 for a syntax error or more than
   ADDRESS_MAX bytes; -1 without memory. */
int address_from_command(stralloc *to, char const *s, size_t len, size_t *rest);

/* Whether the address can stand between < and > of an SMTP command without being taken for something else: no line break in
   it, and outside of the box nothing that ends an argument. */
bool address_is_sayable(char const *s, size_t len);

enum { ADDRESS_MAX = 899 };   /* bytes of an address that comes from the network */

#endif
