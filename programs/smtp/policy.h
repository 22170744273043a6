/* policy: what the site wants, from control files and from the environment, where rules put it for some clients. */

#ifndef MAILTREE_SMTP_POLICY_H
#define MAILTREE_SMTP_POLICY_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "nameset.h"
#include "rcpthosts.h"
#include "refusal.h"
#include "unwanted.h"

/* Written by the two functions below, rcpthosts.more by who opens it; read by all. */
struct policy {
  stralloc greeting, local_ip_host;
  stralloc limits;              /* by which lines of control/limits the client is limited, or "off"; empty: by the usual ones */
  stralloc may_call;            /* the domains whose waiting mail a client may call for (call_wire.h) */
  unsigned long timeout, session_seconds, databytes, recipients_max, errors_max;
  struct { struct unwanted senders, recipients, hellos; } unwanted;
  struct { stralloc text; bool off, only_told, let_in; } lists;      /* DNS lists, and for whom they are no matter */
  struct nameset moved;         /* who is somewhere else now, and where */
  struct rcpthosts rcpthosts;
  bool bare_normalised;         /* a bare CR or LF is a line end, not a fault */
  bool hyphens_allowed, mailboxes_unchecked, header_kept;
  bool may_turn;                /* who has logged in may call for his mail by ATRN */
  bool dsn_off;                 /* senders cannot say what they wish to be told */
  bool utf8_off;                /* addresses are ASCII */
  struct refusal_made blocked;  /* for a client that RBLSMTPD turns away; without text: it does not */
  struct { bool off, clear, required, cram_md5, scram; } auth;       /* whether, and how, clients log in */
  struct { bool id, recipient, client_hidden; } received;     /* what Received says more, or keeps to itself */
};

extern struct policy policy;

/* Makes HOME the working directory and reads its control files. False after a warning in the log. */
bool policy_read(void);

/* Both, once more, for another client. */
bool policy_learn_anew(void);

/* The environment, in place of what the files say. False without memory. */
bool policy_learn(void);

#endif
