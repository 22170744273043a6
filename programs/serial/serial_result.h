/* serial_result: what a client of maildirserial says became of a file: its name, a NUL, K, Z or D, a text, a newline. Pure. */

#ifndef MAILTREE_SERIAL_RESULT_H
#define MAILTREE_SERIAL_RESULT_H

#include <stddef.h>

#include "fields.h"

enum { SERIAL_RESULT_MAX = 65536 };     /* bytes of one */

struct serial_result {
  char const *name;                     /* a string */
  char status;
  struct field text;
};

/* Reads one from s. Its length; 0: there is more to come; -1: it is none, and none can become of it. */
long serial_result_read(struct serial_result *r, char const *s, size_t len);

#endif
