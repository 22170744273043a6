/* unwanted: a list of addresses, or of names of hosts, that the site wants nothing of. A line is

     user@host     one address            .host      all hosts below it, and who is there
     @host         all users there        host       where names of hosts are listed
     *x?y          what looks so: * is any number of characters, ? is one
     !line         what any such line fits is spared, whatever else the list says

   Case does not matter. Lines without *, ?, . or ! in front are found at once, however many there are; the others are tried
   one after the other, each in time that grows with the length of the address, and no faster. */

#ifndef MAILTREE_SMTP_UNWANTED_H
#define MAILTREE_SMTP_UNWANTED_H

#include <stdbool.h>
#include <stddef.h>

#include "nameset.h"

struct unwanted {
  struct nameset names;     /* the lines as they are */
  size_t *tried;            /* those that are tried, when it is known which */
  size_t count;
  bool is_ready;
};

/* Its names will be others. */
void unwanted_forget(struct unwanted *u);

/* 1, 0, or -1 without memory. */
int unwanted_has(struct unwanted *u, char const *name, size_t len);

bool unwanted_looks_like(char const *pattern, size_t pattern_len, char const *s, size_t len);

#endif
