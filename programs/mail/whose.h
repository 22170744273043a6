/* whose: who is this address? By the parts that route and deliver: route, users, qmail-getpw, dotqmail.

   Users of virtual domains are known to a service (users_ask.h), and while it is down nobody knows.

   "Nobody" is said only when it is sure. What the asking user may not see (a home that others may not enter, a program of
   the site in the place of one of ours) may be a mailbox. While a home or a name service is away nobody knows. */

#ifndef MAILTREE_WHOSE_H
#define MAILTREE_WHOSE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "users.h"

enum {
  WHOSE_ROUTES_MAX = 8 << 20,   /* bytes of control/locals, or of virtualdomains without a cdb; beyond it nobody is nobody */
  WHOSE_MAP_AFTER = 8,          /* questions, before a map of virtualdomains is worth its making */
  WHOSE_SECONDS = 5,            /* for an answer at the door; who once needs longer is not asked again */
  WHOSE_FILE_MAX = 65536        /* bytes of a .qmail file that is read through */
};

/* A further kind of owner is a kind here, and a row in whose.c. */
enum whose_kind {
  WHOSE_NOT_MINE,       /* says a source; never the answer */
  WHOSE_NOBODY,         /* its mail would surely bounce */
  WHOSE_ACCOUNT,        /* user, and if a .qmail file speaks for it, file */
  WHOSE_FORWARD,        /* the same, but nothing is kept: all lines of the file are addresses */
  WHOSE_MAY_BE,         /* somebody's: who cannot be seen, or was not looked for */
  WHOSE_ELSEWHERE,      /* of another host */
  WHOSE_LOCKED,         /* of a virtual user who gets no mail */
  WHOSE_FULL,           /* of one who has no room, so that mail is returned */
  WHOSE_FULL_NOW,       /* or waits */
  WHOSE_UNKNOWN_NOW     /* trouble of ours */
};

enum whose_depth {
  WHOSE_AT_THE_DOOR,    /* only whether it may be refused, with as little work as may be; file stays empty. A home on a
                           dead file server holds the caller for WHOSE_SECONDS, once */
  WHOSE_IN_FULL         /* however long it takes */
};

struct whose {
  enum whose_kind kind;
  char const *source;   /* which said so; null: none was asked */
  stralloc address;     /* as it is routed, the box cut off by a NUL in the place of its '@' */
  struct user user;
  stralloc file;        /* its name in user.home, with an uncounted NUL */
};
#define WHOSE_ZERO { WHOSE_NOT_MINE, 0, STRALLOC_ZERO, USER_ZERO, STRALLOC_ZERO }

/* Working directory: HOME. Control files are read at the first call, and then believed. The memory of *w serves the next
   question. */
enum whose_kind whose_ask(struct whose *w, char const *address, size_t len, enum whose_depth depth);

/* Which file in the home of w->user speaks for the address: WHOSE_ACCOUNT and its name in w->file, or WHOSE_NOBODY, or
   WHOSE_MAY_BE and WHOSE_UNKNOWN_NOW where that cannot be seen. For who knows the user already. */
enum whose_kind whose_look_at_home(struct whose *w);

/* The same of a home that is open. */
enum whose_kind whose_look_into(struct whose *w, int home);

#endif
