/* rule_listener: what a service's tcpserver learns of its clients; rules that ask for more match nobody. */

#ifndef MAILTREE_RULE_LISTENER_H
#define MAILTREE_RULE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

struct rule_listener {
  stralloc table;         /* the file behind -x; empty without one */
  bool may_lack;          /* -X: without the file everybody is let in; else nobody */
  bool names;             /* looks up the client's name */
  bool ident;             /* asks the client who he is */
  bool lists;             /* behind it is rblsmtpd or a server of ours, which heed RBLSMTPD */
  bool relays;            /* qmail-qmqpd is: whoever may connect may send to the whole world */
};

/* Reads the text of a run file. False when it does not start tcpserver. */
bool rule_listener_read(struct rule_listener *to, char const *s, size_t len);

/* All services below supervise/ whose table this is, taken together: what one of them learns is learnt. False when
   there is none. Working directory: HOME. */
bool rule_listener_find(struct rule_listener *to, char const *table);

#endif
