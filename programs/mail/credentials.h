/* credentials: what a password checker is told on descriptor 3, as every program of the family says it:
   login NUL password NUL timestamp NUL, 512 bytes at most. */

#ifndef MAILTREE_CREDENTIALS_H
#define MAILTREE_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

enum { CREDENTIALS_MAX = 512 };

/* login and password are terminated inside the bytes they were unpacked from. */
struct credentials {
  char const *login, *password;
  size_t login_len, password_len;
};

/* Writes at most CREDENTIALS_MAX bytes to `to` and returns how many; 0 when they do not fit or when one of the
   three holds a NUL and would be read as something else. */
size_t credentials_pack(char *to, struct credentials const *c, char const *stamp);

/* Finds login and password. False when one of them has no end; what follows them is not looked at. */
bool credentials_unpack(struct credentials *c, char const *s, size_t len);

#endif
