/* field: what qmail-inject does with each header field it knows. */

#ifndef MAILTREE_FIELD_H
#define MAILTREE_FIELD_H

#include <stddef.h>

enum field_kind {
  FIELD_OTHER,
  FIELD_TO, FIELD_CC, FIELD_BCC, FIELD_APPARENTLY_TO,
  FIELD_FROM, FIELD_SENDER, FIELD_REPLY_TO, FIELD_RECEIPT_TO, FIELD_ERRORS_TO,
  FIELD_DATE, FIELD_MESSAGE_ID, FIELD_FOLLOWUP_TO,
  FIELD_RESENT_TO, FIELD_RESENT_CC, FIELD_RESENT_BCC,
  FIELD_RESENT_FROM, FIELD_RESENT_SENDER, FIELD_RESENT_REPLY_TO, FIELD_RESENT_DATE, FIELD_RESENT_MESSAGE_ID,
  FIELD_RETURN_PATH, FIELD_CONTENT_LENGTH,
  FIELDS
};

enum field_treatment {
  ADDRESSES = 1,            /* a list of addresses, completed and written anew */
  RECIPIENTS = 2,           /* which receive the message */
  COUNTED = 4,              /* and count for Mail-Followup-To */
  DROPPED = 8,              /* not in the message that is queued */
  RESENT = 16               /* its presence makes the message a resent one */
};

struct field_rule {
  char const *name;
  enum field_kind field;
  unsigned treatment;
};

/* The rule for a name, in any case. Never null. */
struct field_rule const *field_rule(char const *name, size_t len);

#endif
