/* entrance: how a helper comes to its server: with what etc/vpopmail.NAME below the home of vpopmail says, read anew for each
   connection. What is wrong with that file, sql_said says. */

#ifndef MAILTREE_SQLSTORE_ENTRANCE_H
#define MAILTREE_SQLSTORE_ENTRANCE_H

#include "server_line.h"
#include "sql.h"

/* Once: the name of the store. */
void entrance_of(char const *name);

/* Calls take with all of the file, which says whether it is as it should be. False with errno when it is not, or is not there. */
bool entrance_read(bool (*take)(char const **fault, char const *s, size_t len));

/* Calls enter with the line for this purpose. False with errno when there is none, or when it is. */
bool entrance_enter(enum sql_purpose purpose, bool (*enter)(struct server_line const *line, enum sql_purpose purpose));

/* Whether there is a second line, for changes. */
bool entrance_is_split(void);

/* The path of etc/vpopmail.NAME.ca, the certificates of who vouches for the server; null where there is none. */
char const *entrance_authority(void);

#endif
