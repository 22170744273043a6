/* vcode: what the commands of virtual domains say when they refuse, and with which exit code. The numbers and texts are
   those that vpopmail's callers know; the old exit status is the number itself, of which a shell sees 256 less. */

#ifndef MAILTREE_VCODE_H
#define MAILTREE_VCODE_H

#include <stdbool.h>

enum vcode {
  VCODE_OK = 0,
  VCODE_ILLEGAL_USERNAME = -1,
  VCODE_USERNAME_EXISTS = -2,
  VCODE_CHDIR_HOME = -3,
  VCODE_CHDIR_USERS = -4,
  VCODE_CHDIR_DOMAINS = -5,
  VCODE_CHDIR_DOMAIN = -6,
  VCODE_USER_DIR_EXISTS = -7,
  VCODE_CHDIR_USER = -8,
  VCODE_MAKE_USER_DIRS = -9,
  VCODE_NO_USER = -10,
  VCODE_NO_DOMAIN = -11,
  VCODE_INVALID_DOMAIN = -12,
  VCODE_DOMAIN_EXISTS = -13,
  VCODE_MAKE_DOMAIN_DIR = -14,
  VCODE_OPEN_QMAIL_DEFAULT = -15,
  VCODE_MAKE_DOMAINS_DIR = -16,
  VCODE_UPDATE_FILE = -17,
  VCODE_CRYPT_FAILED = -18,
  VCODE_OPEN_DOT_QMAIL = -19,
  VCODE_BAD_CHARACTER = -20,
  VCODE_INVALID_UID = -22,
  VCODE_NO_AUTH_CONNECTION = -23,
  VCODE_NO_MEMORY = -24,
  VCODE_USER_TOO_LONG = -25,
  VCODE_DOMAIN_TOO_LONG = -26,
  VCODE_PASSWORD_TOO_LONG = -27,
  VCODE_COMMENT_TOO_LONG = -28,
  VCODE_QUOTA_TOO_LONG = -29,
  VCODE_DIR_TOO_LONG = -30,
  VCODE_CLEAR_TOO_LONG = -31,
  VCODE_ALIAS_TOO_LONG = -32,
  VCODE_NULL_POINTER = -33,
  VCODE_INVALID_CHARACTER = -34,
  VCODE_DATABASE_FILE = -35,
  VCODE_READ_LIMITS = -36,
  VCODE_READ_ASSIGN = -37,
  VCODE_DATABASE_FIRST = -38,         /* to -44: opening, asking and creating */
  VCODE_DATABASE_LAST = -44,
  VCODE_DATABASE_READ_HOST = -45,     /* to -54: fields of vpopmail.mysql, of the line for reading, then of that for updating */
  VCODE_DATABASE_READ_PORT = -46,
  VCODE_DATABASE_READ_USER = -47,
  VCODE_DATABASE_READ_PASSWORD = -48,
  VCODE_DATABASE_READ_DATABASE = -49,
  VCODE_DATABASE_UPDATE_HOST = -50,
  VCODE_DATABASE_UPDATE_PORT = -51,
  VCODE_DATABASE_UPDATE_USER = -52,
  VCODE_DATABASE_UPDATE_PASSWORD = -53,
  VCODE_DATABASE_UPDATE_DATABASE = -54,
  VCODE_CATCHALL = -55,
  VCODE_PASSWORD_EMPTY = -69,
  VCODE_PASSWORD_LENGTH = -70,
  VCODE_PASSWORD_ALPHABET = -71,
  VCODE_PASSWORD_NUMERIC = -72,
  VCODE_PASSWORD_OTHER = -73,
  VCODE_PASSWORD_CASE = -74,
  VCODE_READ_ONLY = -90               /* ours */
};

/* "Unknown error" for a number that has no row. */
char const *vcode_text(enum vcode code);

/* 0 done; 1 no, as things are; 100 the caller is wrong; 111 the machine is. With old the status that vpopmail's
   commands had. */
int vcode_exit(enum vcode code, bool old);

#endif
