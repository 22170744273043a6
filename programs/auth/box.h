/* box: the one table of penalties of all workers, and what the site says of it: control/penalty, control/penaltyfree, read
   each time that somebody fails. */

#ifndef MAILTREE_AUTH_BOX_H
#define MAILTREE_AUTH_BOX_H

#include "fields.h"
#include "penalty.h"

/* In the first process: before any worker. Ends the program without memory. */
void box_make(void);

/* In each worker. Ends it if that fails. */
void box_open(void);

/* Seconds for which no password from there is looked at. */
unsigned box_wait(struct field client_ip);

/* By which a password is known again: it tells nobody the password, and nobody chooses it. */
uint64_t box_mark(struct field login, struct field secret);

/* The password of this mark was wrong: the seconds after which to answer. Our own addresses (loopback) and those of the
   allow-list are answered late like all, and never wait. */
unsigned box_failed(struct field client_ip, uint64_t mark);

/* A line for each address that has something to wait for, "ADDRESS failures N wait SECONDS", as many as there is room for. */
size_t box_list(char *to, size_t size);

/* How many it was; for an empty address all. False: it is none. */
bool box_empty(struct field address, size_t *count);

#endif
