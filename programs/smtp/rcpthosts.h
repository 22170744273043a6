/* rcpthosts: for which domains this host takes mail from strangers. */

#ifndef MAILTREE_RCPTHOSTS_H
#define MAILTREE_RCPTHOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include <cdb.h>

#include "nameset.h"

struct rcpthosts {
  struct nameset names;       /* control/rcpthosts, or its cdb */
  struct cdb more;                   /* control/morercpthosts.cdb */
  bool has_more;
};

/* Opens control/morercpthosts.cdb if there is one. 1, or 0 with errno. */
int rcpthosts_open_more(struct rcpthosts *r);

/* Whether mail for the address is taken: 1, 0, or -1 when the database cannot be read. The domain is looked up
   as it is, then each of its parents as ".parent"; an address without '@' is local and always taken. */
int rcpthosts_takes(struct rcpthosts const *r, char const *address, size_t len);

#endif
