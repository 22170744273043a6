/* journal: what the SMTP server writes on stderr, one line and one write(2) for each event. The grammar stands
   in qmail-smtpd(8), DIAGNOSTICS. Foreign text is cut and cleaned; a line for which there is no memory is lost. */

#ifndef MAILTREE_JOURNAL_H
#define MAILTREE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

enum { JOURNAL_WORD_MAX = 64, JOURNAL_ADDRESS_MAX = 320 };   /* bytes of foreign text in one line */

struct journal_accepted {
  char const *ip;
  stralloc const *sender;
  size_t recipients;
  unsigned long long bytes;
  unsigned long qp;
  char const *login;                    /* null: nobody has logged in */
  char const *via;                      /* in each: who has told of the client; null: he is connected himself */
};

struct refusal;
struct tls_answer;

struct journal_refused {
  char const *ip, *via;
  char const *verb;
  size_t verb_len;
  stralloc const *sender, *recipient;   /* null: none yet */
  struct refusal const *refusal;
};

struct journal_session {
  char const *ip, *via, *host;
  stralloc const *helo;                 /* null: not said */
  unsigned long accepted, refused, commands, seconds;
  char const *end;
  struct tls_answer const *tls;         /* null: there was none */
};

/* Whether the log takes a line at once. */
bool journal_ready(void);

void journal_accepted(struct journal_accepted const *);
void journal_refused(struct journal_refused const *);
void journal_session(struct journal_session const *);
/* What lists say of the client, and what follows. */
void journal_listed(char const *ip, char const *via, char const *lists, char const *verdict);

/* Nobody says how much he may send. */
void journal_no_limits(char const *ip, char const *why);
void journal_no_tls(char const *ip, struct tls_answer const *why);

#endif
