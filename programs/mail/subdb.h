/* subdb: where the subscribers of a mailing list are, as DIR/subdb says in one line:

     PLUGIN:HOST:PORT:USER:PASSWORD:DATABASE:TABLE

   What is missing at its end is the usual thing: database and table are "ezmlm". DIR/sql of older lists has the same without the plugin.
   Pure. */

#ifndef MAILTREE_SUBDB_H
#define MAILTREE_SUBDB_H

#include <stdbool.h>
#include <stddef.h>

enum {
  SUBDB_LINE_MAX = 1024,      /* bytes of the line */
  SUBDB_TABLE_MAX = 40        /* of the name of a table: what stands behind it makes it longer */
};

enum subdb_kind { SUBDB_FILES, SUBDB_MYSQL, SUBDB_PGSQL, SUBDB_SQLITE, SUBDB_KINDS };

/* Strings of their own, in space. */
struct subdb {
  enum subdb_kind kind;
  char const *host, *socket;  /* socket: null unless its path is in the place of the port */
  unsigned port;              /* 0: the usual one */
  char const *user, *password, *database, *table;     /* of SQLite the database is the path of a file */
  char space[SUBDB_LINE_MAX + 1];
};

/* The first line that is no comment; of a file of that name, "sql" or "subdb". False: *fault says what is wrong with it. */
bool subdb_parse(struct subdb *to, char const **fault, char const *file, char const *s, size_t len);

/* Whether it can be the name of a table: letters, digits, '_' and '-', and not too many. */
bool subdb_is_table(char const *s, size_t len);

/* The plugin's name of a kind, and the kind of a name; SUBDB_KINDS: there is none such. */
char const *subdb_name(enum subdb_kind kind);
enum subdb_kind subdb_named(char const *name);

#endif
