/* status_text: what a report says to programs about one recipient (RFC 3464 2.3), from the paragraph that says it to
   people. */

#ifndef MAILTREE_STATUS_TEXT_H
#define MAILTREE_STATUS_TEXT_H

#include <stddef.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum status_action { STATUS_FAILED, STATUS_DELAYED, STATUS_DELIVERED, STATUS_RELAYED, STATUS_EXPANDED, STATUS_ACTIONS };

/* The first line of a text about success, by which its action is known again: DELIVERED, RELAYED, EXPANDED. */
extern char const *const status_success[STATUS_ACTIONS];

struct status {
  enum status_action action;
  struct field recipient;         /* as in the envelope */
  struct field original;          /* the value of ORCPT, or empty */
  struct field text;              /* what was reported of him */
  time_t retry_until;             /* for STATUS_DELAYED */
};

/* A paragraph "<recipient>:", text; and what its text says was done when it is one of success. False when it is none. */
bool status_of_paragraph(struct status *to, char const *s, size_t len);
enum status_action status_action_of(struct field text);

/* Appends the group of fields, with the empty line before it. 1, or 0 without memory. */
int status_add(stralloc *to, struct status const *s);

enum { STATUS_CODE_MAX = 12 };

/* x.y.z of the text: what a server said counts more than what we did; of the right class in any case. */
void status_code(char to[STATUS_CODE_MAX], enum status_action action, struct field text);

#endif
