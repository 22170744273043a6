/* smtp_client: the client's side of SMTP on a connection that is there: greeting and hello, then transactions.

     smtp_client_begin(&c, fd, fd, &times);
     if (smtp_client_greet(&c, "mx.example.org") == SMTP_OK && smtp_client_envelope(&c, &envelope) == SMTP_OK
         && smtp_client_message(&c, &source) == SMTP_OK && smtp_client_verdict(&c) == SMTP_OK) ...it was accepted
     smtp_client_quit(&c);

   It tells how each step ended and what the server said, and decides nothing: what a refusal means and for whom, what is
   reported, whether another server may be tried is the caller's, and so is the connection.

   Answers count only in step. A server that says more than it was asked, or other things than may be said there, has
   perhaps answered twice: then it is not known which answer belonged to what, and that is SMTP_SENSELESS. */

#ifndef MAILTREE_SMTP_CLIENT_H
#define MAILTREE_SMTP_CLIENT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "net.h"
#include "sasl_client.h"
#include "smtp_reply.h"

enum smtp_outcome {
  SMTP_OK,
  /* by an answer, in reply: */
  SMTP_GREETING_FAILED, SMTP_NAME_REJECTED, SMTP_SENDER_REJECTED, SMTP_DATA_FAILED, SMTP_MESSAGE_FAILED,
  SMTP_RESET_FAILED, SMTP_TLS_REFUSED, SMTP_LOGIN_REFUSED,
  SMTP_BROKE_OFF,           /* the same in the midst of a message; the server is gone */
  /* without: */
  SMTP_NOBODY_TAKEN,        /* no recipient: there must be no message */
  SMTP_DIED,                /* the connection is gone, or the server silent for too long */
  SMTP_SENSELESS,           /* reply is none to what was said, or no reply; or it is one too many */
  SMTP_INJECTED,            /* behind its yes to STARTTLS there was more in plain text: somebody else put that there */
  SMTP_LOGIN_DOUBTFUL,      /* it takes us for who we say, or asks, as only one does who does not know the password */
  SMTP_UNREADABLE,          /* our message, in the midst of which the connection can only be closed */
  SMTP_OUTCOMES
};

/* How far it has come, which says what a loss means. */
enum smtp_stage {
  SMTP_GREETING,
  SMTP_BEFORE_MAIL,
  SMTP_MAIL_ACCEPTED,
  SMTP_SENDING,             /* the message was asked for */
  SMTP_DOT_SENT             /* the server may have the whole of it, whether we learn of it or not */
};

struct smtp_times {         /* seconds */
  unsigned answer;          /* for each whole answer but the one below */
  unsigned dot;             /* for that to the message */
  unsigned data;            /* for each piece of the message to be taken */
  unsigned envelope;        /* for all that comes before the message, in each transaction anew: */
  unsigned whole;           /* likewise, with the message */
};

/* Callers read what stands above the line. */
struct smtp_client {
  struct net net;           /* stands first: smtp_client.c finds the rest from it */
  struct smtp_reply reply;  /* the last one, or as much of it as came */
  enum smtp_stage stage;
  unsigned offered;         /* extensions */
  unsigned last_code;       /* of the last whole reply; 0: there was none */
  bool knows_not_now;       /* what it offers: it put off who asked, and goes on without */
  bool speaks_lmtp;         /* RFC 2033; the caller's, behind smtp_client_begin */
  bool proven;              /* the answers of this transaction were to what they seemed to be: what came last, and the
                               absence of more, leaves no other way */
  /* ---- */
  struct smtp_times times;
  time_t whole_end;
  size_t owed;              /* replies, to what was said */
  size_t taken;             /* recipients of this transaction */
  bool refused_early;       /* with the reply below, before the message was whole */
  struct smtp_reply early;
  enum smtp_outcome ended;
  jmp_buf over;
};

/* A connection whose server has not yet said anything: sockets, or pipes to whoever has it. */
void smtp_client_begin(struct smtp_client *c, int in, int out, struct smtp_times const *times);

/* Greeting and hello. */
enum smtp_outcome smtp_client_greet(struct smtp_client *c, char const *name);

/* STARTTLS, for a server that offers it. After SMTP_OK nothing more is said or heard in plain text, and the conversation
   goes on over what is TLS within: nothing holds of what was said and offered before, but the greeting. After SMTP_TLS_REFUSED
   it can go on as it was. */
enum smtp_outcome smtp_client_starttls(struct smtp_client *c);
/* The hello alone: behind STARTTLS, or behind smtp_client_begin where somebody else has heard the greeting and all that was answered
   since. */
enum smtp_outcome smtp_client_greet_again(struct smtp_client *c, int in, int out, char const *name);

/* AUTH, with a mechanism of those that the server offers. */
enum smtp_outcome smtp_client_login(struct smtp_client *c, struct sasl_client *sasl);

/* In place of both, on a connection where RSET was said last: with the extensions that the server offered, and as much of
   its answer as is known; `whole` tells that it is all of it. */
enum smtp_outcome smtp_client_resume(struct smtp_client *c, int in, int out, struct smtp_times const *times,
                                     unsigned offered, struct smtp_reply const *reset, bool whole);

struct smtp_envelope {
  char const *sender;                     /* as it goes between < and > */
  uint64_t size;                          /* of the message on the wire at most; 0: not known */
  bool eight_bit;                         /* it may have bytes above 127 */
  bool utf8;                              /* so have addresses or its header (RFC 6531) */
  bool asks_only;                         /* there is no message: DATA is never said */
  char const *wishes;                     /* parameters of MAIL for a server that offers DSN, a blank before each */
  size_t count;
  char const *(*recipient)(size_t i);     /* the same; null: cannot be said, and is passed over */
  char const *(*recipient_wishes)(size_t i);                /* of RCPT, good until the next call; null: there are none */
  void (*heard)(size_t i, struct smtp_reply const *reply);  /* the answer about each in turn; null: passed over */
};

/* MAIL, RCPT, DATA, together for a server that takes them so. Without a message the answers are proven by smtp_client_part alone. */
enum smtp_outcome smtp_client_envelope(struct smtp_client *c, struct smtp_envelope const *e);

struct smtp_source {
  bool (*begin)(void);                    /* false: it cannot be read */
  ssize_t (*next)(char const **piece);    /* the length of the next piece; 0 at the end, -1 errno */
};

/* The message with the dot behind it, then the answer to that. Who gets an answer for each recipient asks as often. */
enum smtp_outcome smtp_client_message(struct smtp_client *c, struct smtp_source const *source);
enum smtp_outcome smtp_client_verdict(struct smtp_client *c);

/* RSET, for another transaction. Answered alone, it proves what was answered before. */
enum smtp_outcome smtp_client_reset(struct smtp_client *c);

/* Whether the server has answered and waits: only then the connection serves somebody else. */
bool smtp_client_is_idle(struct smtp_client const *c);

/* Says QUIT and hears everything out: whether all answers were to what they seemed to be. */
bool smtp_client_part(struct smtp_client *c);

/* Says QUIT, if it can leave at once: politeness only. */
void smtp_client_quit(struct smtp_client const *c);

#endif
