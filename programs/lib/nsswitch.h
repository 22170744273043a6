/* nsswitch: the name services of a database in a text as nsswitch.conf(5) describes. Pure. */

#ifndef MAILTREE_NSSWITCH_H
#define MAILTREE_NSSWITCH_H

#include <stdbool.h>
#include <stddef.h>

/* "files [NOTFOUND=return] sss" of "passwd: files [NOTFOUND=return] sss # x": the last list there is, null for none. */
struct nsswitch_list { char const *s; size_t len, line; };
struct nsswitch_list nsswitch_list(char const *database, char const *text, size_t len);

/* The next service from *at on, which moves behind it. False at the end, and behind a service that has the last word
   about a name it does not know. */
struct nsswitch_service { char const *s; size_t len; };
bool nsswitch_next(struct nsswitch_service *service, struct nsswitch_list const *list, size_t *at);

/* Whether it reads the files of this host. */
bool nsswitch_is_files(struct nsswitch_service const *service);

/* The first service that may be down and is listed before the files. False when there is none. */
bool nsswitch_before_files(struct nsswitch_service *found, struct nsswitch_list const *list);

/* Whether one of them may ask a server by itself, and not a program of this host. */
bool nsswitch_asks_afar(struct nsswitch_list const *list);

#endif
