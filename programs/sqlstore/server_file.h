/* server_file: the file with a server's password, which nobody may read but root and the group of vpopmail. */

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

/* Reads the file of that path. False with errno, and *fault says why, when it cannot be read, or when others may read or change
   what is in it than root and this account. */
bool server_file_read(struct server_file *to, char const **fault, char const *path, uid_t uid, gid_t gid);

#endif
