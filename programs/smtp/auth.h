/* auth: which mechanisms a client may log in with now (verb_auth.c). */

#ifndef MAILTREE_SMTP_AUTH_H
#define MAILTREE_SMTP_AUTH_H

/* A set of them, as sasl.h has it; 0: he may not, over this connection. */
unsigned auth_mechanisms(void);

#endif
