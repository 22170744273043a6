/* smtpd_confine: what qmail-smtpd gives up before it hears its client. */

#ifndef MAILTREE_SMTP_SMTPD_CONFINE_H
#define MAILTREE_SMTP_SMTPD_CONFINE_H

/* Not where it may have to start a program that needs what would be given up: one that QMAILQUEUE names, now or for another
   client by XCLIENT, or qmail-queue, while the service of that name is down. */
void smtpd_confine(void);

#endif
