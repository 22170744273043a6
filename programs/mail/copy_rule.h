/* copy_rule: one line of control/queueextra: who gets a copy of which mail.

     address                     of all
     from:WHOM:address           of mail from a sender
     to:WHOM:address             of mail to a recipient

   WHOM is a whole address, a domain, .domain for all below it, <> for mail without a sender, or empty for any. */

#ifndef MAILTREE_COPY_RULE_H
#define MAILTREE_COPY_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum copy_direction { COPY_ALL, COPY_FROM, COPY_TO };

struct copy_rule {
  enum copy_direction direction;
  struct field whom, address;
};

/* What has no two colons behind such a word is an address, as it always was. */
struct copy_rule copy_rule_read(char const *line, size_t len);

/* Whether the rule, which is of that direction, speaks of this sender or recipient. */
bool copy_rule_takes(struct copy_rule const *rule, char const *address, size_t len);

#endif
