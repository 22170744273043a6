/* getpw: which account a local address belongs to that users/cdb does not know, by the account database.

   getpw_load first. What qmail-getpw(8) says; whoever delivers and whoever asks beforehand get the same answer. */

#ifndef MAILTREE_GETPW_H
#define MAILTREE_GETPW_H

#include <stdbool.h>
#include <stddef.h>

#include "users.h"

enum { ACCOUNT_MAX = 31 };    /* bytes of an account's name; longer ones are never looked up */

enum getpw_result {
  GETPW_FOUND,
  GETPW_NO_ALIAS,           /* it would be alias's, whom nobody knows */
  GETPW_HOMES_AWAY,         /* errno: the home directory `culprit` cannot be looked at just now */
  GETPW_DATABASE,           /* errno: the account `culprit` cannot be looked up just now */
  GETPW_NOMEM
};

struct getpw {
  stralloc breaks;          /* any of them stands between the account and the rest of an address */
  struct user user;
  bool doubtful;            /* another caller, with other rights, might have found an account that was passed over */
  char const *culprit;      /* good until the next call */
};
#define GETPW_ZERO { STRALLOC_ZERO, USER_ZERO, false, 0 }

/* Reads control/breakchars; results as control_load. Working directory: HOME. */
int getpw_load(struct getpw *to, char const **culprit);

/* The box (the part before the '@') need not be terminated; a NUL ends it. */
enum getpw_result getpw_find(struct getpw *to, char const *box, size_t len);

#endif
