/* certificates: those of this host, by name, renewed when their files change. A bad new one never takes the place of a good
   one. Working directory HOME. */

#ifndef MAILTREE_TLS_CERTIFICATES_H
#define MAILTREE_TLS_CERTIFICATES_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#define CERTIFICATES_PLACE "control/tls"                 /* NAME.pem and NAME.key; default.pem for who calls no name we know */
#define CERTIFICATES_FAMILY "control", "servercert"      /* or control/servercert.pem, chain and key in one */

enum { CERTIFICATES_MAX = 1000 };

/* Looks whether files have changed, and loads what has. What is wrong is told in the log, once. How many there are. */
size_t certificates_renew(SSL_CTX *(*new_context)(void));

/* The one for this name, else for the name otherwise, else the default one; either name may be null. Null when there is
   none at all. */
SSL_CTX *certificates_find(char const *name, char const *otherwise);

/* The file of that one, without ".pem". */
char const *certificates_stem(SSL_CTX const *context);

#endif
