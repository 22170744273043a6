/* address_utf8: addresses with characters beyond ASCII (RFC 6531), as bytes inside the system.

   The domain is the same in all its writings, and is kept as DNS has it: so lists, routes and look-ups know of no other
   one. The box is its owner's, and goes on as it came. */

#ifndef MAILTREE_ADDRESS_UTF8_H
#define MAILTREE_ADDRESS_UTF8_H

#include <skalibs/stralloc.h>

enum address_utf8 {
  ADDRESS_ASCII,            /* and as it was */
  ADDRESS_UTF8,             /* its domain is ASCII now */
  ADDRESS_NOT_UTF8,         /* or it has characters that are none, or that control something; as it was, */
  ADDRESS_NO_DOMAIN,        /* its domain can be nobody's; likewise */
  ADDRESS_NO_MEMORY
};

enum address_utf8 address_utf8_take(stralloc *address);

/* The box in the form in which we look for it (idn_compose). 1, or 0 without memory; what is no UTF-8 stays as it is. */
int address_utf8_compose(stralloc *address);

#endif
