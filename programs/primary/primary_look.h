/* primary_look: what is to be said of an address now. */

#ifndef MAILTREE_PRIMARY_LOOK_H
#define MAILTREE_PRIMARY_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "primary.h"

enum { LOOK_ADDRESS = 86400, LOOK_NOBODY = 600, LOOK_PUT_OFF = 60,            /* seconds for which that holds of an address: it is known, it is not, nobody could tell; */
       LOOK_TELLS = 86400, LOOK_EVERYBODY = 3600, LOOK_AWAY = 120, LOOK_NO_HOST = 600,   /* and of a domain */
       LOOK_NOBODY_KEPT = 86400,                /* that somebody was not there, while nobody can be asked */
       LOOK_SECONDS = 20 };                     /* for all servers of a domain */

/* In the first process: so many workers share it. False without memory. */
bool look_set_up(size_t workers);

/* In each worker, before it is confined. False with errno. */
bool look_begin(size_t mine);

/* An address, or @DOMAIN. */
enum primary_said look_at(size_t mine, struct field address);

#endif
