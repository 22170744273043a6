#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "reply.h"
#include "session.h"
#include "verbs.h"

static void verb_rset(char const *arg, size_t len)
{
  (void)arg, (void)len;
  session_forget_mail();
  reply(REPLY_FLUSHED);
}

static void verb_noop(char const *arg, size_t len)
{
  (void)arg, (void)len;
  reply(REPLY_OK);
}

static void verb_vrfy(char const *arg, size_t len)
{
  (void)arg, (void)len;
  reply(REPLY_TRY);
}

static void verb_help(char const *arg, size_t len);

static _Noreturn void verb_quit(char const *arg, size_t len)
{
  (void)arg, (void)len;
  hello_say_greeting("221 2.0.0 ", "");
  net_flush(&session.net);
  reply_leave(0, "quit");
}

/* A browser was talked into sending mail. */
static _Noreturn void verb_http(char const *arg, size_t len)
{
  (void)arg, (void)len;
  reply_send_away(REPLY_NOT_A_WEB_SERVER, "web client");
}

static void verb_unknown(char const *arg, size_t len)
{
  (void)arg, (void)len;
  reply(REPLY_UNIMPLEMENTED);
}

struct verb {
  char const *name;
  void (*does)(char const *, size_t);
  char const *without_mail, *without_rcpt;      /* the refusal before MAIL, before RCPT */
  bool ends_group;                              /* the client must wait for the answer, RFC 2920 3.1 */
};

static struct verb const verbs[] = {
  /* name   does       without MAIL      without RCPT      ends group */
  { "HELO", verb_helo,   0,                0,                false },
  { "EHLO", verb_ehlo,   0,                0,                false },
  { "MAIL", verb_mail,   0,                0,                false },
  { "RCPT", verb_rcpt,   REPLY_MAIL_FIRST, 0,                false },
  { "DATA", verb_data,   REPLY_MAIL_FIRST, REPLY_RCPT_FIRST, true },
  { "RSET", verb_rset,   0,                0,                false },
  { "NOOP", verb_noop,   0,                0,                false },
  { "VRFY", verb_vrfy,   0,                0,                false },
  { "HELP", verb_help,   0,                0,                false },
  { "QUIT", verb_quit,   0,                0,                false },
  { 0,      verb_unknown, 0,               0,                false }
};

static struct verb const web_verbs[] = {
  { "GET", verb_http, 0, 0, false },     { "HEAD", verb_http, 0, 0, false },
  { "POST", verb_http, 0, 0, false },    { "PUT", verb_http, 0, 0, false },
  { "PATCH", verb_http, 0, 0, false },   { "DELETE", verb_http, 0, 0, false },
  { "OPTIONS", verb_http, 0, 0, false }, { "TRACE", verb_http, 0, 0, false },
  { "CONNECT", verb_http, 0, 0, false }, { 0, 0, 0, 0, false }
};

static void verb_help(char const *arg, size_t len)
{
  (void)arg, (void)len;
  net_puts(&session.net, "214 2.0.0");
  for (struct verb const *v = verbs; v->name; v++) {
    net_puts(&session.net, " ");
    net_puts(&session.net, v->name);
  }
  reply_line("");
}

static struct verb const *verb_in(struct verb const *table, char const *name, size_t len)
{
  while (table->name && (strlen(table->name) != len || strncasecmp(table->name, name, len) != 0)) table++;
  return table;
}

void verbs_obey(char const *line, size_t len)
{
  char const *space = memchr(line, ' ', len);
  size_t verb_len = space ? (size_t)(space - line) : len;
  struct verb const *web = verb_in(web_verbs, line, verb_len);
  struct verb const *verb = web->name ? web : verb_in(verbs, line, verb_len);
  session_command(line, verb_len);
  while (verb_len < len && line[verb_len] == ' ') verb_len++;
  if (verb->ends_group && session_client_has_spoken()) reply_send_away(REPLY_TALKS_EARLY, "talks early");
  if (verb->without_mail && !session.mail.open) reply(verb->without_mail);
  else if (verb->without_rcpt && !session.mail.count) reply(verb->without_rcpt);
  else verb->does(line + verb_len, len - verb_len);
}
