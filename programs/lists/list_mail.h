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

/* Bytes as they are, but within an encoded text. */
void list_mail_put(char const *s, size_t len);
void list_mail_add(char const *s);
void list_mail_addx(stralloc const *s);

/* A text for people, in the list's charset: from list_mail_encode on, to list_mail_plain, bytes are encoded as the list says
   (quoted-printable, base64, or as they are). */
void list_mail_encode(char encoding);
void list_mail_plain(void);

/* "Name: value" with RFC 2047 where the value is not ASCII: as UTF-8 if it is that, else in the list's charset. */
void list_mail_field(struct list const *l, char const *name, struct field value);

/* "Name: address", quoted where it must be; whatever the address is, it is one line. */
void list_mail_address(char const *name, struct field address);

/* For Auto-Submitted (RFC 3834): a post, or a digest, is nobody's automatic answer, and what somebody has a program say by hand, to no mail, is
   none either. */
enum list_mail_why { LIST_MAIL_POST, LIST_MAIL_REPLY, LIST_MAIL_NOTICE };

/* The fields with which a mail of a list begins: Mailing-List, List-ID, Date, Message-ID, Auto-Submitted; returns the MIME boundary of
   this mail, COOKIE_LENGTH letters and a NUL. Its two halves are for who has something in between. */
char const *list_mail_begin(struct list const *l, enum list_mail_why why);
void list_mail_contact(struct list const *l);
char const *list_mail_date(struct list const *l, enum list_mail_why why);

void list_mail_sender(struct field sender);
void list_mail_to(struct field recipient);

/* Queues it; "PROG: info: qp N" on stderr. Ends the program with 111 and the reason where it is not queued. */
void list_mail_close(void);

/* The same, but returns: false with a warning printed, for who has something to put back first. */
bool list_mail_queued(void);

/* Whether it may be queued all the same, since nobody was left to say so. */
bool list_mail_uncertain(void);

/* From here on it will not be queued; list_mail_queued or _close must still be called. */
void list_mail_fail(void);

#endif
