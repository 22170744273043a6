/* cookie: what makes an address that a list has given out hard to guess. It is bound to the list's key, a time, an address and
   what it is for. Pure. */

#ifndef MAILTREE_COOKIE_H
#define MAILTREE_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "surf.h"

enum { COOKIE_LENGTH = SURF_LETTERS };

enum cookie_seconds {
  COOKIE_LIFE = 1000000,              /* of a confirmation, 11.6 days */
  COOKIE_BOUNCE_LIFE = 3000000,       /* of a warning or probe */
  COOKIE_EDIT_LIFE = 100000           /* of a text to edit */
};

/* The cookie; only the first byte of action counts, 0 is none. No NUL follows. */
void cookie_make(char cookie[COOKIE_LENGTH], struct field key, struct field date, struct field address, char action);

/* The key of a table: all but the last 0 bytes of the list's for the list itself, 1 for digest, 2 for allow, 3 for deny. */
struct field cookie_key(struct field key, char const *table);

/* Whether it is the right one; in a time that does not say how much of it is. */
bool cookie_is(struct field cookie, struct field key, struct field date, struct field address, char action);

/* TIME.COOKIE at the beginning of the text, which moves behind it: what stands in command addresses. False where there is none. */
struct dated_cookie { struct field date, cookie; uint64_t when; };
bool cookie_read(struct dated_cookie *c, struct field *rest);

/* Whether it is not from the future, and no older than so many seconds. */
bool cookie_fresh(struct dated_cookie const *c, uint64_t now, uint64_t seconds);

#endif
