/* host_name: what a full host name is, and the domains derived from one. */

#ifndef MAILTREE_HOST_NAME_H
#define MAILTREE_HOST_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { HOST_NAME_MAX_LEN = 253, HOST_LABEL_MAX = 63 };

/* Whether the bytes are labels of letters, digits and inner hyphens, joined by dots (RFC 1123 2.1). */
bool host_name_ok(char const *s, size_t len);

/* The same, with two labels at least, the last one no number, and not some localhost: a name by which
   others can reach this host. */
bool host_name_is_full(char const *s, size_t len);

/* Where in a name the domain begins that goes into defaultdomain (all but the first label) and plusdomain
   (the last two labels); 0, the whole name, when it has fewer than two dots. */
size_t host_name_default_domain(char const *s, size_t len);
size_t host_name_plus_domain(char const *s, size_t len);

#endif
