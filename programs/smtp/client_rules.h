/* client_rules: who may connect, and what is set in the environment for him: the table that tcprules(1) compiles and
   tcpserver(1) looks into, for a client whose address is learnt later. */

#ifndef MAILTREE_SMTP_CLIENT_RULES_H
#define MAILTREE_SMTP_CLIENT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

/* What is known of a client; null: it is not. */
struct client_facts { char const *ip, *host, *info; };

/* The rule that speaks for him, as tcpserver finds it. 1; 0: there is none; -1: the table is damaged. */
int client_rules_find(struct field *rule, char const *cdb, size_t len, struct client_facts const *client);

bool client_rules_deny(struct field rule);

/* The next variable, "NAME=value" with a NUL behind it, from *at on. Null at the end. */
char const *client_rules_variable(struct field rule, size_t *at);

/* Each in the environment, or each no longer there; a name that is too long is passed over. False without memory. */
bool client_rules_set(struct field rule);
bool client_rules_unset(struct field rule);

#endif
