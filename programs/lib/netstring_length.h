/* netstring_length: the number in front of a netstring, digit by digit, where the peer is not one of our programs and its netstrings
   may be too long to be held. Pure. */

#ifndef MAILTREE_NETSTRING_LENGTH_H
#define MAILTREE_NETSTRING_LENGTH_H

#include <stdint.h>

enum { NETSTRING_LENGTH_MAX = 2000000000, NETSTRING_DIGITS_MAX = 20 };

enum netstring_length_said {
  NETSTRING_MORE,           /* of it is to come */
  NETSTRING_KNOWN,          /* that was its colon */
  NETSTRING_BROKEN,         /* neither a digit nor a colon behind one, or digits without end */
  NETSTRING_TOO_LONG        /* more than NETSTRING_LENGTH_MAX */
};

/* Starts with zero: struct netstring_length n = { 0 }. */
struct netstring_length { uint32_t bytes; unsigned digits; };

/* The next byte. */
enum netstring_length_said netstring_length_take(struct netstring_length *n, char c);

#endif
