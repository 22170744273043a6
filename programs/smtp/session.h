/* session: what is known of the one connection that this process serves: who the client is and what he has said. */

#ifndef MAILTREE_SMTP_SESSION_H
#define MAILTREE_SMTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "address_utf8.h"
#include "net.h"
#include "tls_wire.h"

struct refusal;

extern char const SESSION_UNKNOWN[];        /* in the place of a fact that nobody told */

enum session_protocol { SESSION_SMTP, SESSION_QMTP, SESSION_QMQP };

struct session {
  enum session_protocol protocol;       /* its program says it first of all */
  struct net net;               /* qmail-smtpd sets it up; message moves the end of the session */

  struct {                      /* session_learn_client */
    char const *ip, *host, *info, *local, *local_ip;
    char const *via;            /* client: the address of who is connected in his place and has told of him; null: nobody */
    char const *suffix;         /* RELAYCLIENT; null: rcpthosts decides. checks: empty for who roams */
    bool may_roam;              /* ROAMING; until it is known that he does not */
  } client;

  struct {                      /* session_learn_client, verb_starttls */
    bool on;                    /* nobody listens in passing */
    struct tls_answer facts;
  } tls;

  struct {                      /* verb_hello; session_forget_hello */
    bool said, extended;
    stralloc name;
  } hello;

  struct {                      /* verb_auth; session_forget_hello */
    stralloc name;              /* whom the client has proven to be, ended by an uncounted NUL; empty: nobody */
    unsigned failures;
  } login;

  struct {                      /* verb_mail, verb_rcpt; session_forget_mail empties it */
    bool open;                  /* MAIL was accepted */
    bool unwanted;              /* its sender is in badmailfrom */
    bool utf8;                  /* SMTPUTF8 was asked for */
    bool told_too_many;
    bool chunked;               /* verb_bdat: a chunk of its message has come */
    void (*abandon)(void);      /* verb_bdat: what becomes of that one when the mail is forgotten */
    struct refusal const *refused;      /* verb_bdat: what it has said of a chunk, and says of all behind it */
    stralloc sender;
    size_t count;
    stralloc recipients;        /* each with a NUL behind it */
    stralloc extras;            /* words of the message and a line for each recipient (envelope_extra.h); empty: none */
    size_t extra_lines;         /* newlines in it */
  } mail;

  /* The command in hand, for the log: session_command; what path finds in its argument. */
  struct {
    char const *verb;
    size_t verb_len;
    bool bare_lf;               /* it ended with LF alone */
    bool has_address, of_recipient;
    stralloc address;
    enum address_utf8 utf8;     /* of the address */
  } command;

  struct {                      /* reply counts refusals and errors, message what it accepts, verb_rcpt unknown names */
    time_t began;
    unsigned long accepted, refused, commands, errors, unknown;
  } tally;
};

extern struct session session;

/* What tcpserver says of the client in the environment. */
void session_learn_client(void);

/* Whether he may send to the whole world: a rule says so, or he has logged in. */
bool session_may_relay(void);

/* From now on the log speaks of this command. */
void session_command(char const *verb, size_t verb_len);

/* What belongs to the message (0), or to the recipient of that number, beyond its address. In their order. */
void session_add_extra(size_t line, char letter, char const *value, size_t len);

void session_forget_mail(void);

/* The client is as one who has just come. */
void session_forget_hello(void);

/* Whether there is input that nobody has asked for yet. */
bool session_client_has_spoken(void);

#endif
