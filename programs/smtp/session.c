#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "session.h"
#include "text.h"
#include "tls_facts.h"

char const SESSION_UNKNOWN[] = "unknown";

struct session session;

/* tcpserver calls the facts about an IPv6 connection TCP6..., and TCP... as well, if it is a newer one. */
static char const *fact(char const *name, char const *name6, char const *otherwise)
{
  char const *value = getenv(name);
  if (!value) value = getenv(name6);
  return value ? value : otherwise;
}

void session_learn_client(void)
{
  char const *local_ip = fact("TCPLOCALIP", "TCP6LOCALIP", SESSION_UNKNOWN);
  session.client.ip = fact("TCPREMOTEIP", "TCP6REMOTEIP", SESSION_UNKNOWN);
  session.client.host = fact("TCPREMOTEHOST", "TCP6REMOTEHOST", SESSION_UNKNOWN);
  session.client.info = fact("TCPREMOTEINFO", "TCP6REMOTEINFO", 0);
  session.client.local_ip = local_ip;
  session.client.local = fact("TCPLOCALHOST", "TCP6LOCALHOST", local_ip);
  session.client.suffix = getenv("RELAYCLIENT");
  session.client.may_roam = getenv("ROAMING");
  session.tls.on = tls_facts_learn(&session.tls.facts);
}

bool session_may_relay(void)
{
  return session.client.suffix || session.login.name.len;
}

void session_command(char const *verb, size_t verb_len)
{
  session.command.verb = verb;
  session.command.verb_len = verb_len;
  session.command.has_address = session.command.of_recipient = false;
  session.command.utf8 = ADDRESS_ASCII;
}

void session_add_extra(size_t line, char letter, char const *value, size_t len)
{
  stralloc *all = &session.mail.extras;
  for (; session.mail.extra_lines < line; session.mail.extra_lines++) text_addc(all, '\n');
  if (all->len && all->s[all->len - 1] != '\n') text_addc(all, ' ');
  text_addc(all, letter);
  text_addb(all, value, len);
}

void session_forget_mail(void)
{
  if (session.mail.abandon) session.mail.abandon();
  session.mail.abandon = 0;
  session.mail.refused = 0;
  session.mail.open = session.mail.unwanted = session.mail.utf8 = false;
  session.mail.told_too_many = session.mail.chunked = false;
  session.mail.sender.len = session.mail.recipients.len = session.mail.count = 0;
  session.mail.extras.len = session.mail.extra_lines = 0;
}

void session_forget_hello(void)
{
  session.hello.said = session.hello.extended = false;
  session.hello.name.len = 0;
  session.login.name.len = 0;
  session_forget_mail();
}

/* A pipe in the place of a socket holds what was written into it, and says nothing about when. */
bool session_client_has_spoken(void)
{
  char c;
  ssize_t r = recv(session.net.in, &c, 1, MSG_PEEK | MSG_DONTWAIT);
  if (r == -1 && errno == ENOTSOCK) return false;
  return r > 0 || session.net.begin < session.net.end;
}
