/* remote_login: how this host proves to a relay who it is (control/smtpauth). */

#ifndef MAILTREE_REMOTE_LOGIN_H
#define MAILTREE_REMOTE_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct login {
  bool wanted;
  stralloc text;            /* the line that counts */
  struct field user;
  struct field secret;      /* a password, or the name of a file with a token */
  bool is_token;
};

/* Reads the line of a relay, and forgets the others. False with errno when the file cannot be read, or the line is none. Working
   directory HOME. */
bool login_load(struct login *l, char const *relay, size_t len);

/* "relay:user:password:..." or "relay:user:token:FILE": what stands behind the first colon. Pure. */
bool login_parse(struct login *l, char const *s, size_t len);

/* In a session, after the last greeting. Ends in a report when it does not become one: for now only, since nobody's mail is at
   fault. */
bool login_goes_on(void);

#endif
