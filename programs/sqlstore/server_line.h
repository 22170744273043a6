/* server_line: etc/vpopmail.mysql or etc/vpopmail.pgsql below the home of vpopmail, which says where the database is and as whom it is entered:

     host|port-or-socket|user|password|database      for reading, and, unless there is a second line,
     host|port-or-socket|user|password|database      for changes

   Pure. */

#ifndef MAILTREE_SQLSTORE_SERVER_LINE_H
#define MAILTREE_SQLSTORE_SERVER_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum { SERVER_LINE_MAX = 4096 };      /* bytes of the file */

/* Strings of their own, in space. */
struct server_line {
  char const *host, *socket;          /* socket: null unless there is one in the place of the port */
  unsigned port;                      /* 0: the usual one */
  char const *user, *password, *database;
  char const *authority;              /* a file of certificates, of who vouches for the server; null: nobody. Not from the line */
  char space[SERVER_LINE_MAX];
};

/* The line for changes, or that for reading. False: it is not as it should be, and *fault says what is wrong. */
bool server_line_parse(struct server_line *to, char const **fault, char const *s, size_t len, bool for_changes);

/* Whether there are two. */
bool server_line_is_split(char const *s, size_t len);

#endif
