/* verb: the lines that a client sends, a verb and its argument each, and the table in which a protocol says what
   becomes of them.

     static struct verb const verbs[] = {
       { "USER", verb_user,    VERB_ANYWHERE,      0,            VERB_ARGUMENT },
       { "DATA", verb_data,    SENDER | RECIPIENT, "MAIL first", VERB_GROUP_END },
       { 0,      verb_unknown, VERB_ANYWHERE,      0,            0 }
     };
     struct verb_call c = verb_read(verbs, line, len);
     char const *no = verb_refusal(&c, state, "syntax error");
     if (no) ...tell the client...
     else c.verb->does(c.argument, c.argument_len);
*/

#ifndef MAILTREE_VERB_H
#define MAILTREE_VERB_H

#include <stddef.h>

#include "net.h"

enum { VERB_ANYWHERE = ~0 };    /* welcome in every state */

enum {
  VERB_ARGUMENT = 1,            /* it makes no sense without one */
  VERB_GROUP_END = 2,           /* the client must wait for the answer before he goes on */
  VERB_UNLISTED = 4             /* no help names it */
};

/* A verb is handed its argument: all behind the blanks, blanks at the end included. It may wipe it. */
struct verb {
  char const *name;                             /* null ends the table and means every other verb */
  void (*does)(char *argument, size_t len);
  int welcome;                                  /* bits of the states in which it is allowed */
  void const *otherwise;                        /* the protocol's refusal in all other states */
  unsigned kind;                                /* of the bits above */
};

struct verb_words {
  size_t verb_len;              /* the verb is the beginning of the line */
  size_t argument;              /* index where the argument begins, the length of the line if there is none */
};

struct verb_words verb_split(char const *line, size_t len);

/* The row of a verb, whatever its case; the last one for a verb that is not in the table. */
struct verb const *verb_find(struct verb const *verbs, char const *name, size_t len);

struct verb_call {
  struct verb const *verb;
  size_t verb_len;
  char *argument;
  size_t argument_len;
};

struct verb_call verb_read(struct verb const *verbs, char *line, size_t len);

/* Null when it may be done in this state; without_argument is the refusal for one that lacks it. */
void const *verb_refusal(struct verb_call const *c, int state, void const *without_argument);

/* The names in the table, a blank before each. */
void verb_put_names(struct net *net, struct verb const *verbs);

#endif
