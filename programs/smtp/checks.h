/* checks: what is asked of a sender, a recipient, a message before it is taken. A new check is a function and a row. */

#ifndef MAILTREE_SMTP_CHECKS_H
#define MAILTREE_SMTP_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "parameters.h"
#include "refusal.h"

struct message;

/* The last two where a host hands over the mail of its users, all of it or nothing. */
enum check_stage { AT_SENDER, AT_RECIPIENT, AT_MESSAGE, AT_USERS_SENDER, AT_USERS_RECIPIENT };

/* What the checks of a stage look at, beside the session. */
struct check_subject {
  stralloc const *address;              /* of the sender, of the recipient */
  enum parameters_result parameters;    /* of the words behind it */
  bool utf8;                            /* SMTPUTF8 was asked for */
  uint64_t size;                        /* of the message to come, as announced; 0: it was not */
  struct message const *message;        /* or what there is of it */
};

/* Whether the site wants nothing of the one named. */
struct unwanted;
bool checks_list_has(struct unwanted *list, stralloc const *name);

/* The refusal of the first check that has one, or null. */
struct refusal const *checks_refusal(enum check_stage stage, struct check_subject const *subject);

#endif
