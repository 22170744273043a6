/* account_login: whether this is the password of an account of the system. Only root sees the shadow passwords, to anybody
   else all would look wrong. Who uses this is linked with libcrypt. */

#ifndef MAILTREE_ACCOUNT_LOGIN_H
#define MAILTREE_ACCOUNT_LOGIN_H

#include <pwd.h>
#include <stddef.h>

enum account_said {
  ACCOUNT_LET_IN,
  ACCOUNT_REFUSED,      /* the reason is for the log alone */
  ACCOUNT_TROUBLE       /* it cannot be told now; the reason is what cannot be done, and errno if that is not 0 */
};

/* The login is ended by a NUL. Takes as long for who has no account as for who has one with a hash that is made today. root
   and whoever shares his number is refused, and who is frozen (frozen.h). The entry of who is let in is good until the next question about accounts. */
enum account_said account_login(struct passwd const **entry, char const **reason, char const *login, char const *password,
                                size_t password_len);

#endif
