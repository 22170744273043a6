/* ident: whom a host names as the owner of a connection (RFC 1413). */

#ifndef MAILTREE_SMTP_IDENT_H
#define MAILTREE_SMTP_IDENT_H

#include <stddef.h>

enum { IDENT_MAX = 998 };       /* bytes of a name that are kept */

/* Finds the name in an answer such as "6195, 23 : USERID : UNIX : joe", with or without its line end: what stands
   behind the third colon, without blanks and CR, in name. Its length; 0 if the answer names nobody. */
size_t ident_parse(char name[IDENT_MAX], char const *answer, size_t len);

#endif
