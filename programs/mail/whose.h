/* whose: whether an address would bounce, by the parts that route and deliver: route, users, qmail-getpw,
   dotqmail.

   The answer is "missing" only when it is sure. What qmaild may not see (a home that others may not enter, a program
   of the site in the place of one of ours) may be a mailbox. While a home or a name service is away nobody knows. */

#ifndef MAILTREE_WHOSE_H
#define MAILTREE_WHOSE_H

#include <stddef.h>

enum {
  WHOSE_ROUTES_MAX = 8 << 20,   /* bytes of control/locals, or of virtualdomains; beyond it nothing is missing */
  WHOSE_MAP_AFTER = 8,          /* questions, before a map of virtualdomains is worth its making */
  WHOSE_SECONDS = 5             /* for an answer; who once needs longer is not asked again */
};

enum whose_answer { WHOSE_MAY_BE, WHOSE_MISSING /* its mail would surely bounce */, WHOSE_UNKNOWN_NOW };

/* Working directory: HOME. Control files are read at the first call,
   and then believed. A home on a dead file server holds the caller for WHOSE_SECONDS, once. */
enum whose_answer whose_look(char const *address, size_t len);

#endif
