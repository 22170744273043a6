/* netmail: what the servers of QMTP and QMQP have in common: netstrings from the client, each with its bound, and what he is told.

   A netstring that lies in another one counts what is left of that: *left. Null: it lies in none. Whatever does not come as the
   protocol has it ends the program. */

#ifndef MAILTREE_SMTP_NETMAIL_H
#define MAILTREE_SMTP_NETMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "session.h"

enum { NETMAIL_ADDRESS_MAX = 999 };   /* bytes of an address */

/* All that comes before the first byte of the client. */
void netmail_begin(enum session_protocol protocol);

/* Between messages a client may go. */
void netmail_between_messages(bool are_we);

char netmail_byte(uint32_t *left);
uint32_t netmail_length(uint32_t *left);
void netmail_comma(uint32_t *left);

/* So many bytes of the message, with CR LF as LF where lines end so. */
void netmail_text(struct message *m, uint32_t len, bool has_crlf);

/* An address becomes session.command.address. False when none of so many bytes can be used: it is too long, or has control bytes. */
bool netmail_address(uint32_t *left, size_t max);

/* The message in session.mail has an address in UTF-8, or none. */
void netmail_mark_utf8(void);

void netmail_answer(char const *text);

/* "Kok 1234567890 qp 4711" */
char const *netmail_ok(struct message *m);

_Noreturn void netmail_broken(void);

#endif
