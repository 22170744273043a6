/* mail_host: a host on which mailboxes are, as people and files name it. Pure. */

#ifndef MAILTREE_VDOMAINS_MAIL_HOST_H
#define MAILTREE_VDOMAINS_MAIL_HOST_H

#include <stdbool.h>
#include <stddef.h>

enum { MAIL_HOST_MAX = 253, MAIL_HOST_SIZE = MAIL_HOST_MAX + 1 };       /* bytes of a name, RFC 1035 2.3.4 as text; with a NUL */

/* A name in whatever case, 192.0.2.1, 2001:db8::1, and the two in brackets as in a mail address. host gets the name in small
   letters, or the address alone; what it makes is read as the same. False: it is none, and host is empty. */
bool mail_host_read(char host[MAIL_HOST_SIZE], char const *s, size_t len);

#endif
