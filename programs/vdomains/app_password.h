/* app_password: passwords of a user of a virtual domain besides his own, each for one program of his and for some services. They
   are made by us, so nobody guesses them, and a quick hash keeps them; and a password of another form is none of them, whoever's it
   is. Pure.

     line   user:name:[!]service,service:made:hash */

#ifndef MAILTREE_VDOMAINS_APP_PASSWORD_H
#define MAILTREE_VDOMAINS_APP_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "users_wire.h"

enum {
  APP_PASSWORD_LETTERS = 20,    /* of 32: a hundred bits */
  APP_PASSWORD_SIZE = 24,       /* as it is shown: in fives with dashes, and a NUL */
  APP_PASSWORD_NAME_MAX = 32
};

struct app_password {
  struct field user, name;
  uint32_t services;            /* bit 1 << enum users_access */
  bool opens;                   /* services that the user's own flags close */
  uint64_t made;                /* seconds since 1970 */
  struct field hash;
};

/* The letters of a password as somebody has typed it, with or without dashes and blanks. False: it has not the form. */
bool app_password_letters(char letters[APP_PASSWORD_LETTERS], char const *s, size_t len);

/* The password of these random bytes. */
void app_password_show(char shown[APP_PASSWORD_SIZE], unsigned char const random[APP_PASSWORD_LETTERS]);

/* Small letters, digits, dots and hyphens; no dot or hyphen first. */
bool app_password_is_name(struct field name);

/* "imap,smtp". False: a word is no service, or there is none. */
bool app_password_services(uint32_t *services, struct field words);
int app_password_add_services(stralloc *to, uint32_t services);

/* A line without its newline. False: it is none. */
bool app_password_parse(struct app_password *p, char const *line, size_t len);

/* Appends the line with its newline. 1, or 0 without memory. */
int app_password_add(stralloc *to, struct app_password const *p);

#endif
