/* server_file: the file with a server's password, which nobody may read but root and the account that it is for. */

#ifndef MAILTREE_SQLSTORE_SERVER_FILE_H
#define MAILTREE_SQLSTORE_SERVER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "server_line.h"

struct server_file {
  char text[SERVER_LINE_MAX];
  size_t len;
};

/* Whose it may be beside root's, and which group may read it; and what is said of one that is not as it should be. */
struct server_file_rule {
  uid_t uid;
  gid_t gid;
  char const *other_owner, *other_group, *is_open;
};

/* Of the account vpopmail, with this uid and gid. */
struct server_file_rule server_file_of_vpopmail(uid_t uid, gid_t gid);

/* Reads the file of that path. False with errno, and *fault says why, when it cannot be read, or when others may read or change
   what is in it. */
bool server_file_read(struct server_file *to, char const **fault, char const *path, struct server_file_rule const *rule);

#endif
