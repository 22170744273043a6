/* smtpd_serve: all of qmail-smtpd(8) for the client on fd 0 and 1 whose facts are in the environment.
   Nothing was done before: whoever forks in place of starting the program gets the same. Sets PROG. */

#ifndef MAILTREE_SMTP_SMTPD_SERVE_H
#define MAILTREE_SMTP_SMTPD_SERVE_H

_Noreturn void smtpd_serve(void);

#endif
