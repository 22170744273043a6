/* door: what those who let in say in their logs: of mail that qmail-smtpd refused, of logins that were refused. Pure. */

#ifndef MAILTREE_DOOR_H
#define MAILTREE_DOOR_H

#include "fields.h"

enum door_kind { DOOR_OTHER, DOOR_MAIL_REFUSED, DOOR_LOGIN_REFUSED };

struct door_line { enum door_kind kind; struct field ip, user, reason; };   /* user: of a login */

/* A line behind its time. */
struct door_line door_read(struct field line);

#endif
