/* quoted_printable: a text that is encoded so (RFC 2045 6.7), decoded where it stands. Pure. */

#ifndef MAILTREE_QUOTED_PRINTABLE_H
#define MAILTREE_QUOTED_PRINTABLE_H

#include <stddef.h>

/* How many bytes are left; what is no encoding stays as it is. */
size_t quoted_printable_decode(char *s, size_t len);

#endif
