/* rule_variables: what programs behind tcpserver take from rules and from env/ directories. */

#ifndef MAILTREE_RULE_VARIABLES_H
#define MAILTREE_RULE_VARIABLES_H

#include <stddef.h>

#include "findings.h"

enum variable_standing {
  VARIABLE_TAKEN,
  VARIABLE_ELSEWHERE,     /* ours, but no program behind tcpserver looks at it */
  VARIABLE_MISSPELT,
  VARIABLE_CONTROL,       /* a control file sets that, and nothing else does */
  VARIABLE_FOREIGN        /* perhaps a program of the site knows it */
};

/* How a name stands in rules; *meant is what to use instead, or null. */
enum variable_standing rule_variable_standing(char const *name, char const **meant);

/* Says it about a name found somewhere; env/ directories take all that programs know. */
void check_rule_variable(struct findings *to, char const *path, size_t line, char const *name);
void check_env_variable(struct findings *to, char const *path, char const *name);

#endif
