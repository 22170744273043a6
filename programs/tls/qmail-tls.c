/* qmail-tls: run a program whose connection speaks TLS from its first byte (ports 465, 995, and any other).

   runs as   whoever started it, in the program's own process: it costs no other
   reads     nothing: qmail-tlsd gets the connection on fds 0 and 1
   starts    its arguments, which find plain text on fds 0 and 1, and SSL_... in the environment
   exits     100 misuse; 111 no TLS could be had: why is told on fd 2
*/

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "die.h"
#include "home.h"
#include "log_text.h"
#include "tls_ask.h"
#include "tls_facts.h"

enum { HANDSHAKE_MS = 60000 };

#define USAGE "qmail-tls [-p protocol] program args"

static struct { char const *name; enum tls_service service; } const protocols[] = {
  { "smtp", TLS_SMTP }, { "pop3", TLS_POP3 }, { "imap", TLS_IMAP }
};
enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

static enum tls_service service_named(char const *name)
{
  for (size_t i = 0; i < PROTOCOLS; i++)
    if (strcmp(protocols[i].name, name) == 0) return protocols[i].service;
  strerr_dief(100, "no protocol ", name, "; there are smtp, pop3, imap");
}

static _Noreturn void no_tls(struct tls_asked const *t)
{
  char const *ip = getenv("TCPREMOTEIP");
  stralloc line = STRALLOC_ZERO;
  if (!log_text(&line, ip ? ip : "unknown", strlen(ip ? ip : "unknown"), 100) || !stralloc_cats(&line, ": ")
      || !log_text(&line, t->answer.why.s, t->answer.why.len, 200) || !stralloc_0(&line)) die_nomem();
  strerr_dief(111, "no TLS with ", line.s);
}

/* The program starts where we are. */
static void ask(struct tls_asked *t, enum tls_service service)
{
  struct tls_question const q = { .side = TLS_SERVER, .service = service, .ms = HANDSHAKE_MS };
  tls_ask_home = HOME;
  if (tls_ask_open(t, &q, 0) != TLS_READY || tls_ask_start(t) != TLS_DONE) no_tls(t);
}

static void put_in_place(struct tls_asked const *t)
{
  if (dup2(t->in, 0) == -1 || dup2(t->out, 1) == -1) strerr_diefusys(111, "dup2");
  fd_close(t->in);
}

int main(int argc, char const *const *argv)
{
  subgetopt l = SUBGETOPT_ZERO;
  enum tls_service service = TLS_UNNAMED;
  struct tls_asked t;
  PROG = "qmail-tls";
  for (int opt; (opt = subgetopt_r(argc, argv, "p:", &l)) != -1;) {
    if (opt != 'p') strerr_dieusage(100, USAGE);
    service = service_named(l.arg);
  }
  argv += l.ind;
  if (!*argv) strerr_dieusage(100, USAGE);
  signal(SIGPIPE, SIG_IGN);
  ask(&t, service);
  put_in_place(&t);
  if (!tls_facts_set(&t.answer)) die_nomem();
  signal(SIGPIPE, SIG_DFL);
  exec(argv);
  strerr_dieexec(errno == ENOENT ? 100 : 111, argv[0]);
}
