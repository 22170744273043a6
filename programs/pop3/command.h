/* command: the lines a POP3 client sends, and the tables that say what becomes of them (RFC 1939 section 3).
   Both programs of this role converse by it. */

#ifndef MAILTREE_POP3_COMMAND_H
#define MAILTREE_POP3_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net.h"

enum {
  COMMAND_MAX = 1000,           /* bytes of a line; RFC 2449 section 4 asks for 255 */
  ANY_STATE = ~0
};

/* What RFC 2449 section 5 wants told alike before and after the login. */
extern char const CAPABILITIES[];

/* A verb is handed its argument: all behind the blanks, blanks at the end included. It may wipe it. */
struct verb {
  char const *name;                             /* null ends the table and means every other verb */
  void (*does)(char *argument, size_t len);
  int welcome;                                  /* bits of the states in which it is allowed */
  char const *otherwise;                        /* reply in all other states */
  bool argument;                                /* it makes no sense without one */
};

struct command {
  size_t verb_len;              /* the verb is the beginning of the line */
  size_t argument;              /* index where the argument begins, the length of the line if there is none */
};

struct command command_split(char const *line, size_t len);

/* The row of a verb, whatever its case; the last one for a verb that is not in the table. */
struct verb const *verb_find(struct verb const *verbs, char const *name, size_t len);

/* Reads the digits s begins with into *number (UINT64_MAX if there are too many of them) and returns how many. */
size_t number_scan(char const *s, size_t len, uint64_t *number);

/* One reply line; the CR LF is added. */
void reply(struct net *net, char const *text);

/* Obeys the client for ever. Both ends of it, QUIT and a lost client, leave the program. */
_Noreturn void converse(struct net *net, struct verb const *verbs, int const *state);

#endif
