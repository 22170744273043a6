/* sts_fetch: the policy of a domain, from its web server, by libcurl. */

#ifndef MAILTREE_STS_FETCH_H
#define MAILTREE_STS_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "sts.h"

/* Once in a process, before it is confined. False without memory. */
bool fetch_set_up(void);

/* Null, and the text; or why there is none, in words. From https://mta-sts.DOMAIN with a certificate for that name, no other place, as
   plain text, within ten seconds. */
char const *fetch(char text[STS_POLICY_MAX], size_t *len, char const *domain);

/* Whether that was the certificate of the web server. */
bool fetch_was_unproven(void);

#endif
