#include <stddef.h>

#include "vcode.h"

enum { DONE = 0, NO = 1, CALLER = 100, MACHINE = 111 };

struct vcode_row { enum vcode code; char const *text; int exit; };

static struct vcode_row const unknown = { 0, "Unknown error", MACHINE };

static struct vcode_row const rows[] = {
  { VCODE_OK,                        "Success", DONE },
  { VCODE_ILLEGAL_USERNAME,          "Illegal username", CALLER },
  { VCODE_USERNAME_EXISTS,           "Username exists", NO },
  { VCODE_CHDIR_HOME,                "Unable to chdir to vpopmail directory", MACHINE },
  { VCODE_CHDIR_USERS,               "Unable to chdir to vpopmail/users directory", MACHINE },
  { VCODE_CHDIR_DOMAINS,             "Unable to chdir to vpopmail/domains directory", MACHINE },
  { VCODE_CHDIR_DOMAIN,              "Unable to chdir to vpopmail/domains/domain directory", MACHINE },
  { VCODE_USER_DIR_EXISTS,           "User's directory already exists", NO },
  { VCODE_CHDIR_USER,                "Unable to chdir to user's directory", MACHINE },
  { VCODE_MAKE_USER_DIRS,            "Creation of user's subdirectories failed", MACHINE },
  { VCODE_NO_USER,                   "User does not exist", NO },
  { VCODE_NO_DOMAIN,                 "Domain does not exist", NO },
  { VCODE_INVALID_DOMAIN,            "Invalid domain name", CALLER },
  { VCODE_DOMAIN_EXISTS,             "Domain already exists", NO },
  { VCODE_MAKE_DOMAIN_DIR,           "Could not make domain dir", MACHINE },
  { VCODE_OPEN_QMAIL_DEFAULT,        "Could not open qmail default", MACHINE },
  { VCODE_MAKE_DOMAINS_DIR,          "Can not make domains directory", MACHINE },
  { VCODE_UPDATE_FILE,               "Could not update file", MACHINE },
  { VCODE_CRYPT_FAILED,              "Crypt failed", MACHINE },
  { VCODE_OPEN_DOT_QMAIL,            "Could not open dot qmail file", MACHINE },
  { VCODE_BAD_CHARACTER,             "bad character", CALLER },
  { VCODE_INVALID_UID,               "running as invalid uid", CALLER },
  { VCODE_NO_AUTH_CONNECTION,        "no authentication database connection", MACHINE },
  { VCODE_NO_MEMORY,                 "memory allocation error", MACHINE },
  { VCODE_USER_TOO_LONG,             "user name too long (max=64)", CALLER },
  { VCODE_DOMAIN_TOO_LONG,           "domain name too long (max=255)", CALLER },
  { VCODE_PASSWORD_TOO_LONG,         "password too long (max=128)", CALLER },
  { VCODE_COMMENT_TOO_LONG,          "gecos too long (max=64)", CALLER },
  { VCODE_QUOTA_TOO_LONG,            "quota too long (max=20)", CALLER },
  { VCODE_DIR_TOO_LONG,              "dir too long (max=160)", CALLER },
  { VCODE_CLEAR_TOO_LONG,            "clear password too long (max=128)", CALLER },
  { VCODE_ALIAS_TOO_LONG,            "alias line too long (max=160)", CALLER },
  { VCODE_NULL_POINTER,              "null pointer", MACHINE },
  { VCODE_INVALID_CHARACTER,         "invalid email character", CALLER },
  { VCODE_DATABASE_FILE,             "parsing database configuration file", MACHINE },
  { VCODE_READ_LIMITS,               "can't read domain limits", MACHINE },
  { VCODE_READ_ASSIGN,               "can't read users/assign file", MACHINE },
  { VCODE_DATABASE_READ_HOST,        "parsing database configuration file: host for reading", MACHINE },
  { VCODE_DATABASE_READ_PORT,        "parsing database configuration file: port for reading", MACHINE },
  { VCODE_DATABASE_READ_USER,        "parsing database configuration file: user for reading", MACHINE },
  { VCODE_DATABASE_READ_PASSWORD,    "parsing database configuration file: password for reading", MACHINE },
  { VCODE_DATABASE_READ_DATABASE,    "parsing database configuration file: database for reading", MACHINE },
  { VCODE_DATABASE_UPDATE_HOST,      "parsing database configuration file: host for updating", MACHINE },
  { VCODE_DATABASE_UPDATE_PORT,      "parsing database configuration file: port for updating", MACHINE },
  { VCODE_DATABASE_UPDATE_USER,      "parsing database configuration file: user for updating", MACHINE },
  { VCODE_DATABASE_UPDATE_PASSWORD,  "parsing database configuration file: password for updating", MACHINE },
  { VCODE_DATABASE_UPDATE_DATABASE,  "parsing database configuration file: database for updating", MACHINE },
  { VCODE_CATCHALL,                  "can't delete catchall account", NO },
  { VCODE_PASSWORD_EMPTY,            "password is empty", CALLER },
  { VCODE_PASSWORD_LENGTH,           "password has a length that is not allowed", CALLER },
  { VCODE_PASSWORD_ALPHABET,         "password has a number of letters that is not allowed", CALLER },
  { VCODE_PASSWORD_NUMERIC,          "password has a number of digits that is not allowed", CALLER },
  { VCODE_PASSWORD_OTHER,            "password has a number of other characters that is not allowed", CALLER },
  { VCODE_PASSWORD_CASE,             "password has a ratio of upper to lower case that is not allowed", CALLER },
  { VCODE_READ_ONLY,                 "users of this domain are kept in a directory, and changed only there", CALLER },
};

static struct vcode_row const *row_of(enum vcode code)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].code == code) return rows + i;
  return &unknown;
}

char const *vcode_text(enum vcode code)
{
  return row_of(code)->text;
}

int vcode_exit(enum vcode code, bool old)
{
  return old ? code & 0xff : row_of(code)->exit;
}
