/* child_looks: things that may hang, such as directories on somebody else's machine, are looked at by a child. It goes
   from one to the next and says of each what is wrong; one that takes too long is given up together with the child, and
   another child goes on behind it. */

#ifndef MAILTREE_CHILD_LOOKS_H
#define MAILTREE_CHILD_LOOKS_H

#include <stddef.h>

#include <skalibs/stralloc.h>

enum {
  CHILD_LOOK_SECONDS = 10,      /* for each; an automounter may have to mount it first */
  CHILD_LOOKS_LOST_MAX = 3      /* then it is no single one, and the rest is not looked at */
};

struct child_looks {
  size_t count;
  void (*look)(stralloc *said, size_t i, void *data);       /* in the child: appends nothing when all is well */
  void (*hear)(size_t i, char const *said, void *data);     /* here, in order; null: no answer */
  void *data;
};

/* How many were looked at, those that gave no answer among them. */
size_t child_looks(struct child_looks const *c);

#endif
