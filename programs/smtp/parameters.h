/* parameters: the ESMTP words behind an address in MAIL and RCPT (RFC 5321 4.1.2). */

#ifndef MAILTREE_PARAMETERS_H
#define MAILTREE_PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

enum parameters_result { PARAMETERS_OK, PARAMETERS_UNKNOWN, PARAMETERS_BAD_VALUE };

struct mail_parameters {
  uint64_t size;            /* SIZE; 0 when it was not given; what does not fit is UINT64_MAX */
};

/* Words of MAIL: SIZE=number, BODY=7BIT, BODY=8BITMIME, AUTH=anything, each at most once. */
enum parameters_result parameters_of_mail(struct mail_parameters *to, char const *s, size_t len);

/* Words of RCPT: none is known. */
enum parameters_result parameters_of_rcpt(char const *s, size_t len);

#endif
