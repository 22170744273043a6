/* warm_listener: a socket that listens, and a forked process for each connection: what tcpserver(1) does, without exec. */

#ifndef MAILTREE_SMTP_WARM_LISTENER_H
#define MAILTREE_SMTP_WARM_LISTENER_H

#include <stdbool.h>

#include "warm_options.h"

struct warm_listener { int fd; unsigned children; };

/* Listens on all addresses, IPv6 and IPv4, and becomes the user. False, with nothing done that cannot be done again: it cannot. */
bool warm_listener_open(struct warm_listener *l, struct warm_options const *o);

/* The same from the words that warm_listener_save left. False: they name no listening socket. */
bool warm_listener_take_over(struct warm_listener *l, char const *words);

enum { WARM_WORDS = 32 };
void warm_listener_save(char words[WARM_WORDS], struct warm_listener const *l);

/* Serves so many clients, never more than o->children_max at once, and returns. serve runs in the process of a client: the
   connection is its fd 0 and 1, its environment and the log as tcpserver's. */
void warm_listener_serve(struct warm_listener *l, struct warm_options const *o, unsigned clients, void (*serve)(void));

#endif
