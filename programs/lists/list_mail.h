/* list_mail: a mail that a list writes or passes on: it is opened, gets bytes and recipients, and is queued or not at all. What
   the control file qmqpservers of a list says, and QMAILQUEUE, is heeded. */

#ifndef MAILTREE_LIST_MAIL_H
#define MAILTREE_LIST_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "list.h"

void list_mail_open(struct list const *l);

/* Bytes as they are. */
void list_mail_put(char const *s, size_t len);
void list_mail_add(char const *s);

/* A text for people, in the list's charset: from list_mail_encode on, to list_mail_plain, bytes are encoded as the list says
   (quoted-printable, base64, or as they are). */
void list_mail_encode(char encoding);
void list_mail_plain(void);

/* "Name: value" with RFC 2047 where the value is not ASCII. */
void list_mail_field(char const *name, struct field value);

/* The fields with which a reply begins: Mailing-List, List-ID, Date, Message-ID; returns the MIME boundary of this mail in 20 letters. */
char const *list_mail_begin(struct list const *l);

void list_mail_sender(struct field sender);
void list_mail_to(struct field recipient);

/* Queues it; "PROG: info: qp N" on stderr. Ends the program with 111 and the reason where it is not queued. */
void list_mail_close(void);

/* The same, but returns: false with a warning printed, for who has something to put back first. */
bool list_mail_queued(void);

#endif
