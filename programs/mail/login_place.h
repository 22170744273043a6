/* login_place: where the password of a login is known. No login is shown to two checkers. */

#ifndef MAILTREE_LOGIN_PLACE_H
#define MAILTREE_LOGIN_PLACE_H

#include <stddef.h>

enum login_place {
  LOGIN_VIRTUAL,        /* a name in a virtual domain, joe@example.net: vchkpw, qmail-usersd */
  LOGIN_OTHER,          /* whoever control/checkpassword names */
  LOGIN_UNKNOWN         /* users/cdb cannot be read, errno */
};

/* Working directory HOME. */
enum login_place login_place(char const *login, size_t len);

#endif
