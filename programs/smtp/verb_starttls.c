#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "journal.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "tls_ask.h"
#include "verbs.h"

enum { HANDSHAKE_MAX = 60 };          /* seconds: nobody waits for anything but his own machine */

bool starttls_is_offered(void)
{
  return !session.tls.on && tls_ask_is_possible();
}

static struct tls_question question(void)
{
  char const *local = session.client.local;
  size_t len = strlen(local);
  unsigned long seconds = policy.timeout < HANDSHAKE_MAX ? policy.timeout : HANDSHAKE_MAX;
  return (struct tls_question){
    .side = TLS_SERVER, .service = TLS_SMTP, .ms = (uint32_t)(1000 * (seconds ? seconds : 1)),
    .name = { local, len <= TLS_NAME_MAX ? len : 0 }
  };
}

/* Whatever was said in plain text may have been said by somebody else (RFC 3207 4.2). */
static void begin_anew(struct tls_asked const *t)
{
  if (dup2(t->in, session.net.in) == -1 || dup2(t->out, session.net.out) == -1) reply_leave(1, "no TLS");
  if (!t->foreign) fd_close(t->in);
  net_forget(&session.net);
  session.tls.on = true;
  session.tls.facts = t->answer;
  session_forget_hello();
}

/* A client whose handshake has failed hears nothing more: it is no longer known who would read it. */
static void shake_hands(struct tls_asked *t)
{
  if (tls_ask_start(t) == TLS_DONE) {
    begin_anew(t);
    return;
  }
  journal_no_tls(session.client.ip, &t->answer);
  reply_leave(1, "no TLS");
}

void verb_starttls(char *arg, size_t len)
{
  static struct tls_asked asked;
  (void)arg;
  struct tls_question const q = question();
  if (len) reply_refuse(&REPLY_NO_ARGUMENT);
  else if (session.tls.on) reply_refuse(&REPLY_TLS_IS_ON);
  else if (tls_ask_open(&asked, &q, session.net.in) != TLS_READY) {
    journal_no_tls(session.client.ip, &asked.answer);
    reply_refuse(&REPLY_NO_TLS_NOW);
  } else {
    reply_line(REPLY_READY_FOR_TLS);
    net_flush(&session.net);
    shake_hands(&asked);
  }
}
