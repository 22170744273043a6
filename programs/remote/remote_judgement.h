/* remote_judgement: what an outcome means: for the message and its recipients, and for the next server. */

#ifndef MAILTREE_REMOTE_JUDGEMENT_H
#define MAILTREE_REMOTE_JUDGEMENT_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "remote_sentence.h"
#include "remote_session.h"
#include "remote_source.h"
#include "smtp_client.h"

/* The conversation so far, which remote_session.c leads and remote_judgement.c judges. */
struct talk {
  struct session const *session;
  struct smtp_client client;
  bool resumed;             /* the connection is left over from another message */
  char ending;              /* the letter of the message, with the text */
  stralloc text;
  enum sentence failure;    /* of a server that another one may be tried for, with the text */
  stralloc acceptance;      /* the text of the first; empty: nobody was delivered to */
  size_t most;              /* recipients that a transaction may have */
  bool too_many;            /* so the server said in this one */
  enum source_form form;    /* of the message */
  bool utf8;                /* SMTPUTF8 is asked for */
  bool in_plain;            /* the server may be tried without TLS, after which its connection was lost */
  char const *reason;       /* good until another one is set */
};

extern struct talk talk;

enum quote { BARE, WITH_REPLY, WITH_REASON };

/* Makes the text. */
void judgement_describe(enum sentence s, enum quote quote);

/* Whether the session goes on; if not, another server may be tried. Or it ends in a report. */
bool judgement_goes_on(enum smtp_outcome outcome);
bool judgement_try_another(enum sentence s, enum quote quote);

/* The same of a server that is gone, to which no QUIT is said. */
bool judgement_give_up(enum sentence s, enum quote quote);

/* All is to be tried again later, and there: another server of the same relay would say the same. */
bool judgement_put_off(enum sentence s, enum quote quote);

/* All is to be returned: there is no server that could be asked. */
bool judgement_refuse(enum sentence s, enum quote quote);

/* Why, for WITH_REASON. */
void judgement_reason(char const *reason);

/* Reports how it ended, with the server still at our service. */
_Noreturn void judgement_end(void);

#endif
