/* helper: what all helpers are that keep users of virtual domains elsewhere: a service on a socket of its own, which is asked by
   store_wire.h and asks a library.

   The socket is HOME/run/users/NAME. Each worker has a connection of its own. */

#ifndef MAILTREE_SQLSTORE_HELPER_H
#define MAILTREE_SQLSTORE_HELPER_H

#include "confine.h"
#include "store_wire.h"

#define HELPER_CHECK "check"        /* the word on the command line that asks what is wrong */

/* The domain is the real one, the name in lower case, age what store.h says of it. STORE_TROUBLE with errno. */
struct helper {
  char const *name;                 /* the store's */
  enum store_result (*find)(struct vpasswd *record, struct field domain, struct field name, uint32_t age);   /* until the next call */
  enum store_result (*list)(struct field domain, store_each *each, void *with, uint32_t age);
  bool (*edit)(struct field domain, uint32_t count, enum store_result *r, uint32_t *culprit);   /* false: nobody waits for the result;
                                                                                                   null: there are no changes */
  int (*check)(void);               /* says each complaint on descriptor 1 in a line, what is wrong and what to do with a tab
                                       between them; 0, or 1 when there are any */
  void (*prepare)(void);            /* before there are workers; or null */
  void (*begin)(size_t mine);       /* in a worker; or null */
  void (*keep)(void);               /* the life of one process more, which is asked nothing; or null */
};

/* The life of the program, and how it ends; paths: what it may do in which directories. */
int helper_main(int argc, char const *const *argv, struct helper const *helper, struct confinement const *confinement);

/* For edit: the next change of those that were announced; false when none comes. Whether the client has gone meanwhile: nothing is
   done any more for who does not wait for it. */
bool helper_change(struct store_frame *f);
bool helper_is_alone(void);

/* The directory of the domain that is asked about; empty while that is not there. */
struct field helper_place(void);

/* Whether that domain belongs to another account than the one that runs us. */
bool helper_is_of_another(void);

/* The home of the account vpopmail. Ends the program where there is none. */
char const *helper_home(void);

#endif
