/* reply: all that the server says, what is logged of it, and the ways in which a session ends. */

#ifndef MAILTREE_SMTP_REPLY_H
#define MAILTREE_SMTP_REPLY_H

#include "net.h"
#include "refusal.h"

extern char const
  REPLY_OK[], REPLY_SENDER_OK[], REPLY_RECIPIENT_OK[], REPLY_FLUSHED[], REPLY_TRY[], REPLY_GO_AHEAD[], REPLY_CHUNK_OK[],
  REPLY_WELCOME[], REPLY_READY_FOR_TLS[], REPLY_TURNING[];

extern struct refusal const
  REPLY_NO_CONTROLS, REPLY_NO_MEMORY, REPLY_NO_OWN_ADDRESSES, REPLY_NO_RCPTHOSTS, REPLY_TALKS_EARLY,
  REPLY_TALKS_FIRST, REPLY_NOT_A_WEB_SERVER, REPLY_TOO_MANY_UNKNOWN, REPLY_TOO_MANY_ERRORS, REPLY_TIMEOUT,
  REPLY_SESSION_OVER, REPLY_LINE_TOO_LONG, REPLY_LINE_IS_BROKEN, REPLY_UNIMPLEMENTED, REPLY_MAIL_FIRST,
  REPLY_RCPT_FIRST, REPLY_IN_CHUNKS, REPLY_CHUNK_LOST, REPLY_SYNTAX, REPLY_UNKNOWN_PARAMETER, REPLY_BAD_VALUE, REPLY_UNWANTED_SENDER,
  REPLY_UNWANTED_HELLO, REPLY_UNWANTED_RECIPIENT,
  REPLY_NOT_OURS, REPLY_CANNOT_TELL, REPLY_HYPHEN, REPLY_UTF8_SENDER, REPLY_UTF8_RECIPIENT, REPLY_NOT_UTF8, REPLY_NO_SUCH_DOMAIN,
  REPLY_NO_MAILBOX, REPLY_LOCKED, REPLY_FULL, REPLY_FULL_NOW,
  REPLY_CANNOT_LOOK, REPLY_NOBODY, REPLY_TOO_MANY_RECIPIENTS,
  REPLY_AUTH_NOT_NOW, REPLY_ONLY_IN_TLS, REPLY_NO_MECHANISM, REPLY_GARBLED, REPLY_CANCELLED, REPLY_UNFIT,
  REPLY_RESPONSE_TOO_LONG, REPLY_WRONG_PASSWORD, REPLY_CANNOT_PROVE, REPLY_MUST_WAIT, REPLY_TOO_MANY_PASSWORDS,
  REPLY_AUTH_FIRST, REPLY_NOT_YOUR_SENDER, REPLY_FROZEN, REPLY_CANNOT_TELL_SENDER,
  REPLY_DENIED, REPLY_NO_PROXY, REPLY_MAY_NOT_SPEAK,
  REPLY_NOT_YOUR_MAIL, REPLY_CALLED_JUST_NOW, REPLY_CANNOT_CALL, REPLY_NO_DOMAIN,
  REPLY_TURN_REFUSED, REPLY_CANNOT_TURN, REPLY_NO_MAIL, REPLY_NO_DOMAINS,
  REPLY_NO_ARGUMENT, REPLY_TLS_IS_ON, REPLY_NO_TLS_NOW, REPLY_NOT_IN_A_MAIL,
  REPLY_BAD_SENDER, REPLY_BAD_RECIPIENT, REPLY_BAD_ADDRESS, REPLY_TOO_MANY_AT_ONCE, REPLY_BROKEN_NETSTRING,
  REPLY_QUEUE_NOT_STARTED, REPLY_BARE_LINE_END, REPLY_HAS_NUL, REPLY_LOOPING, REPLY_TOO_LARGE;

/* One line; the CR LF is added. */
void reply_line(char const *text);

/* A refusal is counted and logged, and one error too many ends the session. */
void reply_refuse(struct refusal const *refusal);

/* One error of the client more, which may end the session. */
void reply_count_error(void);

/* The same once more: neither counted nor logged. */
void reply_refuse_again(struct refusal const *refusal);

/* Counted and logged; the program says it in its own way. */
void reply_note(struct refusal const *refusal);

/* Ends the session for a reason that the client and the log are told; by QMTP and QMQP the log alone: there a client hears of its
   messages and of nothing else. */
_Noreturn void reply_send_away(struct refusal const *refusal, char const *how);

_Noreturn void reply_no_memory(void);
_Noreturn void reply_no_controls(void);

/* Called by net when the client is gone or late. */
_Noreturn void reply_lost(struct net *n, enum net_loss loss);

/* Logs the session and ends the program. */
_Noreturn void reply_leave(int code, char const *how);

#endif
