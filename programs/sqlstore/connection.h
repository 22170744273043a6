/* connection: the connection of this process with its database, by whatever library. It is made when it is needed, and after
   trouble anew. Where that takes its time in vain it is not tried again at once: who asks meanwhile hears so without waiting.
   Statements are prepared once for a connection. */

#ifndef MAILTREE_SQLSTORE_CONNECTION_H
#define MAILTREE_SQLSTORE_CONNECTION_H

#include "sql.h"

enum { CONNECTION_TEXT_SIZE = 2048 };     /* bytes of a statement with its NUL */

struct connection_way {
  struct sql const *sql;
  bool (*connect)(enum sql_purpose purpose);      /* how it is made */
  bool (*is_split)(void);                         /* whether it is read elsewhere than it is changed; null: never */
  bool is_silent;                                 /* who asks tells what went wrong, and not we */
};

/* Once. */
void connection_use(struct connection_way const *way);

/* Somebody else has found it well: it is tried again at once. */
void connection_wake(void);

enum connection_state { CONNECTION_TROUBLE, CONNECTION_NEW, CONNECTION_KEPT };

/* Whether it can be asked for this. CONNECTION_TROUBLE with errno. Who has looked at what is new, and finds it well, says so. */
enum connection_state connection_ready(enum sql_purpose purpose);
void connection_is_well(void);

/* Whether there is one that has given no trouble. */
bool connection_is_there(void);

/* On SQL_TROUBLE, errno; the connection is given up. */
enum sql_result connection_run(char const *text, struct sql_run *run);

/* Of a text without values. False with errno; the connection is given up. */
bool connection_command(char const *text);

/* Without a word about it, with errno as it is. */
void connection_give_up(void);

#endif
