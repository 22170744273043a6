/* pgsql_socket: the library of PostgreSQL knows a socket by its directory and a port; a path of one may name the file,
   "/run/postgresql/.s.PGSQL.5433", or the directory alone. Pure. */

#ifndef MAILTREE_SQLSTORE_PGSQL_SOCKET_H
#define MAILTREE_SQLSTORE_PGSQL_SOCKET_H

#include <stdbool.h>

enum { PGSQL_SOCKET_MAX = 107 };      /* bytes of a path */

struct pgsql_socket {
  char directory[PGSQL_SOCKET_MAX + 1];
  unsigned port;                      /* 0: the usual one */
};

/* False for what is no absolute path, or too long. */
bool pgsql_socket_parse(struct pgsql_socket *to, char const *path);

#endif
