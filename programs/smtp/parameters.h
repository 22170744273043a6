/* parameters: the ESMTP words behind an address in MAIL and RCPT (RFC 5321 4.1.2). */

#ifndef MAILTREE_PARAMETERS_H
#define MAILTREE_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "envelope_extra.h"
#include "fields.h"
#include "notify.h"

enum parameters_result { PARAMETERS_OK, PARAMETERS_UNKNOWN, PARAMETERS_BAD_VALUE };

/* Extensions whose words are known only where they are offered, as a sum. */
enum { PARAMETERS_DSN = 1, PARAMETERS_UTF8 = 2 };

struct parameters {
  uint64_t size;            /* SIZE; 0 when it was not given; what does not fit is UINT64_MAX */
  bool utf8;                /* SMTPUTF8, in this command or in that of the sender */
  size_t count;             /* of what goes on with the message, or with the recipient: */
  struct { enum envelope_extra letter; struct field value; } extras[EXTRA_KINDS];   /* fits; lies in s, or here: */
  char notify[NOTIFY_TEXT];
  char original[EXTRA_VALUE_MAX];
};

/* Words of MAIL, each at most once: SIZE=number, BODY=7BIT, BODY=8BITMIME, AUTH=anything; with DSN RET=FULL, RET=HDRS,
   ENVID=xtext; with UTF8 SMTPUTF8. */
enum parameters_result parameters_of_mail(struct parameters *to, unsigned offered, char const *s, size_t len);

/* Words of RCPT, likewise: with DSN NOTIFY=list, ORCPT=type;xtext. With UTF8 that one has characters beyond ASCII, which are
   written in ASCII from then on (RFC 6533 3). */
enum parameters_result parameters_of_rcpt(struct parameters *to, unsigned offered, char const *s, size_t len);

#endif
