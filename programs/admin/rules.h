/* rules: a text of access rules such as /etc/tcp.smtp, made into one that tcprules(1) compiles to what was meant. */

#ifndef MAILTREE_RULES_H
#define MAILTREE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "findings.h"
#include "rule_listener.h"

enum { RULES_KEYS_MAX = 1 << 18 };      /* texts to look up that one file may become */

/* The file to name in findings, and who listens with its table: null when no service does. */
struct rules_place {
  char const *path;
  struct rule_listener const *listener;
};

/* Appends the text to *clean. False when a line is wrong, so that there is none: a finding with "stops" says why. */
bool rules_read(stralloc *clean, struct findings *to, struct rules_place const *place, char const *s, size_t len);

/* The same of a file, for the services below supervise/ that use its table. 1, 0 when a line is wrong, -1 with errno
   when it cannot be read. Working directory: HOME. */
int rules_file(stralloc *clean, struct findings *to, char const *path);

/* Whether it is a source of rules by its name, and no copy of one, no table, and not half written. */
bool rules_is_source(char const *path);

/* Every source of rules in /etc, tcp.NAME. */
void rules_each(void (*call)(char const *path, void *data), void *data);

#endif
