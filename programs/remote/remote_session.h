/* remote_session: one SMTP conversation, from the greeting to the report: what a server's answers mean for the message
   and for each recipient. */

#ifndef MAILTREE_REMOTE_SESSION_H
#define MAILTREE_REMOTE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "remote_connection.h"
#include "remote_keep.h"
#include "remote_login.h"
#include "remote_message.h"
#include "smtp_client.h"
#include "tlsrpt.h"

struct session {
  char const *helohost;
  char const *host;                   /* whose mail it is */
  char const *server;                 /* how DNS or a route calls the server; empty: it has no name */
  struct connection *connection;      /* the caller's, unless it is left to another message */
  struct login const *login;          /* null: none is wanted */
  struct smtp_times times;
  char const *sender;                 /* as it goes between < and > */
  char const *const *recipients;      /* the same; null: cannot be said in SMTP, refused without asking */
  char const *bare_sender;            /* and as they are */
  char const *const *bare_recipients;
  size_t count;
  bool sender_is_wide;                /* it has characters beyond ASCII, */
  bool addresses_are_wide;            /* or one of all of these has, */
  bool recipients_are_wide;           /* or each recipient has */
  bool others;                        /* if this server will not do, another one can be tried */
  bool lacked_before;                 /* those that were tried before, if any, have all been reached and have no SMTPUTF8, or cannot be
                                         reached from this host at all */
  char const *extras;                 /* lines of envelope_extra.h; empty: none */
  struct message const *message;
  struct secrecy asked;               /* without it there is no session; */
  char const *advice;                 /* what to do then, to be reported; null: control/tlspolicy has asked, and its owner knows */
  struct tlsrpt_session report;       /* of this session, if there was a policy (remote_outcome.h) */
  bool policy_lost;                   /* the domain had one (remote_sts.h), whose time is over: that is to be told */
  struct field names;                 /* that its certificate may have, each with a NUL behind it, */
  struct field tlsa;                  /* or the records it must agree with (tls_wire.h) */
  bool tls;                           /* it is spoken where the server offers it */
  bool tls_first;                     /* or before it says anything */
  bool tls_failed;                    /* just now, with this server */
  bool folds;                         /* lines that are too long are folded where they can be */
  enum eight_bit {                    /* where a server takes no 8-bit text, what has it */
    EIGHT_BIT_CONVERTED, EIGHT_BIT_RETURNED, EIGHT_BIT_SENT
  } eight_bit;
};

/* Of a recipient who cannot be said. */
extern char const UNSAYABLE_RECIPIENT[];

/* Of a server that is unusable: why, in a few words, and what is to be reported (with letter Z) if it was the last. The
   text is good until the next session. */
struct session_failure {
  char const *why;
  stralloc const *text;
  bool in_plain;                      /* on a new connection, with tls_failed set, it may be usable */
  bool lacks_utf8;
};

/* Speaks with the server and ends in a report (remote_report.h). It comes back when the server is unusable and has taken no
   sender: another one may be tried. */
struct session_failure session_run(struct session const *session);

/* The same on a connection that another message has left. Any answer but a yes to the sender, and any trouble before the
   message itself was asked for, is that of an unusable server. */
struct session_failure session_resume(struct session const *session, struct kept const *kept);

#endif
