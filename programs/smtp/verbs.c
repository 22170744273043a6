#include "reply.h"
#include "session.h"
#include "verb.h"
#include "verbs.h"

static void verb_rset(char *arg, size_t len)
{
  (void)arg, (void)len;
  session_forget_mail();
  reply_line(REPLY_FLUSHED);
}

static void verb_noop(char *arg, size_t len)
{
  (void)arg, (void)len;
  reply_line(REPLY_OK);
}

static void verb_vrfy(char *arg, size_t len)
{
  (void)arg, (void)len;
  reply_line(REPLY_TRY);
}

static void verb_help(char *arg, size_t len);

static _Noreturn void verb_quit(char *arg, size_t len)
{
  (void)arg, (void)len;
  hello_say_greeting("221 2.0.0 ", "");
  net_flush(&session.net);
  reply_leave(0, "quit");
}

/* A browser was talked into sending mail. */
static _Noreturn void verb_http(char *arg, size_t len)
{
  (void)arg, (void)len;
  reply_send_away(&REPLY_NOT_A_WEB_SERVER, "web client");
}

static void verb_unknown(char *arg, size_t len)
{
  (void)arg, (void)len;
  reply_refuse(&REPLY_UNIMPLEMENTED);
}

/* What there is of a mail. */
enum { NOTHING = 1, SENDER = 2, RECIPIENT = 4, CHUNKS = 8 };

static int state(void)
{
  if (!session.mail.open) return NOTHING;
  if (session.mail.chunked) return CHUNKS;
  return session.mail.count ? RECIPIENT : SENDER;
}

/* None needs an argument: an address that is left out is the empty one. */
static struct verb const verbs[] = {
  /* name       does          welcome in          otherwise          kind */
  { "HELO",     verb_helo,    VERB_ANYWHERE,      0,                 0 },
  { "EHLO",     verb_ehlo,    VERB_ANYWHERE,      0,                 0 },
  { "AUTH",     verb_auth,    NOTHING,            &REPLY_AUTH_NOT_NOW, VERB_ARGUMENT },
  { "MAIL",     verb_mail,    ~CHUNKS,            &REPLY_IN_CHUNKS,  0 },
  { "RCPT",     verb_rcpt,    SENDER | RECIPIENT, &REPLY_MAIL_FIRST, 0 },
  { "DATA",     verb_data,    SENDER | RECIPIENT, &REPLY_MAIL_FIRST, VERB_GROUP_END },     /* RFC 2920 3.1 */
  { "BDAT",     verb_bdat,    VERB_ANYWHERE,      0,                 0 },
  { "STARTTLS", verb_starttls, NOTHING,           &REPLY_NOT_IN_A_MAIL, VERB_GROUP_END },
  { "XCLIENT",  verb_xclient, NOTHING,            &REPLY_NOT_IN_A_MAIL, VERB_GROUP_END | VERB_ARGUMENT | VERB_UNLISTED },
  { "ETRN",     verb_etrn,    NOTHING,            &REPLY_NOT_IN_A_MAIL, VERB_ARGUMENT | VERB_UNLISTED },
  { "ATRN",     verb_atrn,    NOTHING,            &REPLY_NOT_IN_A_MAIL, VERB_GROUP_END | VERB_UNLISTED },
  { "RSET",     verb_rset,    VERB_ANYWHERE,      0,                 0 },
  { "NOOP",     verb_noop,    VERB_ANYWHERE,      0,                 0 },
  { "VRFY",     verb_vrfy,    VERB_ANYWHERE,      0,                 0 },
  { "HELP",     verb_help,    VERB_ANYWHERE,      0,                 0 },
  { "QUIT",     verb_quit,    VERB_ANYWHERE,      0,                 0 },
  { "GET",      verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "HEAD",     verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "POST",     verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "PUT",      verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "PATCH",    verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "DELETE",   verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "OPTIONS",  verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "TRACE",    verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { "CONNECT",  verb_http,    VERB_ANYWHERE,      0,                 VERB_UNLISTED },
  { 0,          verb_unknown, VERB_ANYWHERE,      0,                 0 }
};

static void verb_help(char *arg, size_t len)
{
  (void)arg, (void)len;
  net_puts(&session.net, "214 2.0.0");
  verb_put_names(&session.net, verbs);
  reply_line("");
}

bool verbs_lose_a_chunk(char const *line, size_t len)
{
  return verb_find(verbs, line, verb_split(line, len).verb_len)->does == verb_bdat;
}

/* Whatever else would have been missing, a chunk comes first (RFC 3030 4.2). */
static struct refusal const *refusal_of(struct verb_call const *c)
{
  struct refusal const *no = verb_refusal(c, state(), &REPLY_SYNTAX);
  return no && state() == CHUNKS ? &REPLY_IN_CHUNKS : no;
}

/* Behind an AUTH that was refused, what is no verb may be a password, of a client that did not wait for the answer. */
static void name_for_the_log(struct verb_call const *c, char const *line)
{
  static bool may_be_secret = false;
  if (c->verb->does == verb_auth) may_be_secret = true;
  if (may_be_secret && !c->verb->name) session_command("command", 7);
  else session_command(line, c->verb_len);
}

void verbs_obey(char *line, size_t len)
{
  struct verb_call c = verb_read(verbs, line, len);
  name_for_the_log(&c, line);
  if (c.verb->kind & VERB_GROUP_END && session_client_has_spoken())
    reply_send_away(&REPLY_TALKS_EARLY, "talks early");
  struct refusal const *no = refusal_of(&c);
  if (no) reply_refuse(no);
  else c.verb->does(c.argument, c.argument_len);
}
