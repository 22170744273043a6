/* sendmail_cf: what is plainly said in a sendmail.cf, line by line. Pure.

     Dname           D: a macro, of one letter or {name}, and its value
     Cw a b          C: names of a class
     Fw-o /file      F: a file with more of them
     Kname type ...  K: a table; the value is its last word
     O Name=value    O: an option */

#ifndef MAILTREE_IMPORT_SENDMAIL_CF_H
#define MAILTREE_IMPORT_SENDMAIL_CF_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

struct sendmail_cf {
  struct field in;
  size_t at;
  size_t number;                /* of the line */
  char kind;
  struct field name, value;     /* they lie in the text */
};

/* The next line of one of these kinds. False at the end. */
bool sendmail_cf_next(struct sendmail_cf *cf);

#endif
