/* qmail-popup: greet a POP3 client, ask who he is, and hand him and his password to a checker.

   runs as   root, if the checker must become the user; parses two lines and knows no mailbox
   reads     commands on fd 0, replies on fd 1, up to the one attempt at a login; HOME/control/logindelay for CAPA
   asks      qmail-authd, if it is there, whether the client must wait after wrong passwords, and about proofs of SCRAM
   starts    its argv[2...], which finds login, password and greeting stamp on fd 3 and the client on 0 and 1
   logs      each attempt with its outcome on fd 2
   exits     1, always: there is nothing to come back to
*/

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "auth_ask.h"
#include "capture.h"
#include "command.h"
#include "controls_at_home.h"
#include "credentials.h"
#include "home.h"
#include "log_text.h"
#include "sasl_stamp.h"
#include "temporary.h"
#include "text.h"
#include "tls_ask.h"
#include "tls_facts.h"

enum {
  TIMEOUT = 60,           /* seconds a client may take for all of this: silent ones hold places that others want */
  FAILURE_DELAY = 2,      /* seconds a refused client waits for the answer, so that guessing is slow */
  HANDSHAKE_MS = 30000,
  HOSTNAME_MAX = 255,
  NAMELESS = 1,
  NAMED = 2
};

enum { OTHER_CODE = -1, CRASHED = -2, MUST_WAIT = -3, EXIT_MISUSED = 2, EXIT_WRONG = 3 /* of vchkpw, and of vpopmail's */, TROUBLE = 111 };

struct outcome {
  int code;               /* the checker's exit code */
  char const *resp_code;  /* RFC 3206: lets mail programs that know it tell a wrong password from our trouble */
  char const *reply;
  char const *log;
  unsigned delay;
};

static struct outcome const outcomes[] = {
  { 0,          0,             0,                                    "session over",      0 },
  { 1,          "[AUTH] ",     "authorization failed",               "refused",           FAILURE_DELAY },
  { EXIT_WRONG, "[AUTH] ",     "authorization failed",               "refused",           FAILURE_DELAY },
  { MUST_WAIT,  "[SYS/TEMP] ", "too many wrong passwords came from your address, come again later", "must wait", 0 },
  { TROUBLE,    "[SYS/TEMP] ", "temporary problem, try again later", "temporary problem", 0 },
  { CRASHED,    "[SYS/TEMP] ", "aack, child crashed",                "checker crashed",   0 },
  { OTHER_CODE, "[SYS/PERM] ", "authorization failed",               "checker misused",   FAILURE_DELAY }
};

static unsigned long login_delay;

static struct control const controls[] = {
  /* file         kind            goes to       when absent */
  { "logindelay", CONTROL_NUMBER, &login_delay, "0" },
  { 0 }
};

static struct net net;
static int state = NAMELESS;
static bool knows_codes;        /* the client has asked CAPA */
static bool knows_utf8;         /* he has said UTF8 */
static bool tls_is_on;
static bool offers_scram;       /* the site says so */
static char const *hostname;
static char stamp[2 * UINT64_FMT + HOSTNAME_MAX + sizeof "<.@>"];
static char user[COMMAND_MAX];
static size_t user_len;
static char const *const *checker;

static struct field variable(char const *name)
{
  char const *value = getenv(name);
  return (struct field){ value, value ? strlen(value) : 0 };
}

_Noreturn static void end(void)
{
  net_flush(&net);
  _exit(1);
}

/* Programs that look for the family's words find them, those that asked for codes find these. */
static void refuse_with(char const *code, char const *text)
{
  net_puts(&net, "-ERR ");
  if (knows_codes) net_puts(&net, code);
  reply(&net, text);
}

_Noreturn static void client_lost(struct net *n, enum net_loss why)
{
  (void)n; (void)why;
  _exit(1);
}

_Noreturn static void end_with(char const *text)
{
  reply(&net, text);
  end();
}

_Noreturn static void end_in_trouble(char const *text)
{
  refuse_with("[SYS/TEMP] ", text);
  end();
}

/* ---- mechanisms ---- */

/* Where there is no qmail-authd nobody could tell whether a proof is one. */
static unsigned mechanisms(struct sasl_side *side)
{
  struct tls_answer tls;
  unsigned scram = offers_scram && auth_ask_is_possible() ? SASL_SCRAM : 0;
  if (scram && tls_facts_learn(&tls)) {
    side->exporter = tls.exporter;
    side->endpoint = tls.endpoint;
    if (tls.exporter.len || tls.endpoint.len) scram |= SASL_SCRAM_PLUS;
  }
  return SASL_PLAIN | SASL_LOGIN | scram;
}

/* For qmail-pop3d, which has to tell the same. */
static char const *mechanisms_named(void)
{
  static stralloc names = STRALLOC_ZERO;
  struct sasl_side side;
  unsigned const set = mechanisms(&side);
  char const *name;
  names.len = 0;
  for (size_t i = 0; (name = sasl_name(set, i)); i++) {
    if (i) text_add(&names, " ");
    text_add(&names, name);
  }
  return text_z(&names);
}

/* ---- wrong passwords ---- */

enum { PENALTY_MS = 2000, PROOF_MS = 25000 };

static struct auth_heard heard;
static char mark[32];           /* of the password, from qmail-authd */
static size_t mark_len;

static struct auth_question question_of(enum auth_verb verb, char const *secret, size_t len)
{
  return (struct auth_question){
    .verb = verb, .access = USERS_POP3, .login = { user, user_len }, .secret = { secret, len },
    .client_ip = variable("TCPREMOTEIP"), .local_ip = variable("TCPLOCALIP")
  };
}

/* Without an answer nobody waits. */
static bool may_try(char const *secret, size_t len)
{
  struct auth_question const q = question_of(AUTH_MAY_TRY, secret, len);
  enum auth_said said = auth_ask(&heard, &q, PENALTY_MS);
  struct field const text = heard.answer.text;
  mark_len = said == AUTH_LET_IN && text.len <= sizeof mark ? text.len : 0;
  if (mark_len) memcpy(mark, text.s, mark_len);
  return said != AUTH_MUST_WAIT;
}

static unsigned delay_of_failure(void)
{
  struct auth_question const q = question_of(AUTH_HAS_FAILED, mark, mark_len);
  if (!mark_len || auth_ask(&heard, &q, PENALTY_MS) != AUTH_LET_IN) return FAILURE_DELAY;
  return heard.answer.seconds > FAILURE_DELAY ? heard.answer.seconds : FAILURE_DELAY;
}

/* ---- the attempt ---- */

/* A pipe takes 4096 bytes at least, so it can be filled before anybody reads it. */
static int pipe_filled(char const *s, size_t len)
{
  int ends[2];
  if (pipe(ends) == -1) end_in_trouble("unable to open pipe");
  if (fd_write(ends[1], s, len) != (ssize_t)len) end_in_trouble("unable to write pipe");
  fd_close(ends[1]);
  return ends[0];
}

_Noreturn static void become_checker(int credentials_fd)
{
  if (fd_move(3, credentials_fd) == -1) _exit(111);
  if (offers_scram && setenv(MECHANISMS_VARIABLE, mechanisms_named(), 1) == -1) _exit(111);
  if (knows_utf8 && setenv(UTF8_VARIABLE, "", 1) == -1) _exit(111);
  sig_restore(SIGPIPE);
  exec(checker);
  int code = temporary(errno) ? 111 : EXIT_MISUSED;
  strerr_warnwusys("run ", checker[0]);
  _exit(code);
}

static struct outcome const *outcome_with(int code)
{
  struct outcome const *o = outcomes;
  while (o->code != code && o->code != OTHER_CODE) o++;
  return o;
}

static struct outcome const *outcome_of(int wstat)
{
  return outcome_with(WIFSIGNALED(wstat) ? CRASHED : WEXITSTATUS(wstat));
}

static void log_outcome(struct outcome const *o)
{
  stralloc line = STRALLOC_ZERO;
  char const *ip = getenv("TCPREMOTEIP");
  if (!ip) ip = "unknown";
  text_add(&line, "qmail-popup: ip ");
  if (!log_text(&line, ip, strlen(ip), 100)) die_nomem();
  text_add(&line, " user ");
  if (!log_text(&line, user, user_len, 255)) die_nomem();
  text_add(&line, ": ");
  text_add(&line, o->log);
  text_add(&line, "\n");
  fd_write(2, line.s, line.len);
}

_Noreturn static void conclude_after(unsigned seconds, struct outcome const *o)
{
  log_outcome(o);
  sleep(seconds);
  if (o->reply) refuse_with(o->resp_code, o->reply);
  end();
}

_Noreturn static void conclude(struct outcome const *o)
{
  bool is_wrong = o->code == 1 || o->code == EXIT_WRONG;
  conclude_after(is_wrong ? delay_of_failure() : o->delay, o);
}

_Noreturn static void run_checker(int fd)
{
  net_flush(&net);
  pid_t pid = fork();
  if (pid == -1) end_in_trouble("unable to fork");
  if (pid == 0) become_checker(fd);
  fd_close(fd);
  int wstat;
  if (wait_pid(pid, &wstat) == -1) end_in_trouble("aack, child lost");
  conclude(outcome_of(wstat));
}

static void attempt(char *secret, size_t len)
{
  char packed[CREDENTIALS_MAX];
  struct credentials c = { .login = user, .password = secret, .login_len = user_len, .password_len = len };
  size_t packed_len = credentials_pack(packed, &c, stamp);
  bool may = !packed_len || may_try(secret, len);
  explicit_bzero(secret, len);
  explicit_bzero(net.input, sizeof net.input);
  if (!packed_len) {
    reply(&net, "-ERR name or password not acceptable");
    return;
  }
  int fd = may ? pipe_filled(packed, packed_len) : -1;
  explicit_bzero(packed, sizeof packed);
  if (!may) conclude(outcome_with(MUST_WAIT));
  run_checker(fd);
}

/* ---- verbs ---- */

static void remember_user(char const *name, size_t len)
{
  memcpy(user, name, len);
  user_len = len;
  state = NAMED;
}

/* The same answer for every name: who has a mailbox here is nobody's business. */
static void verb_user(char *argument, size_t len)
{
  remember_user(argument, len);
  reply(&net, "+OK ");
}

static void verb_pass(char *argument, size_t len)
{
  attempt(argument, len);
}

static void verb_apop(char *argument, size_t len)
{
  char *blank = memchr(argument, ' ', len);
  if (!blank) {
    reply(&net, "-ERR syntax error");
    return;
  }
  remember_user(argument, (size_t)(blank - argument));
  attempt(blank + 1, len - user_len - 1);
}

/* Outlook asks so which mechanisms there are. */
static void list_mechanisms(unsigned set)
{
  char const *name;
  reply(&net, "+OK ");
  for (size_t i = 0; (name = sasl_name(set, i)); i++) reply(&net, name);
  reply(&net, ".");
}

/* The next line of the exchange; false when there is none that fits. */
static bool ask(struct sasl const *s, char line[COMMAND_MAX], size_t *len)
{
  bool bare_lf;
  net_puts(&net, "+ ");
  reply(&net, s->challenge);
  return net_line(&net, line, COMMAND_MAX, len, &bare_lf) == NET_LINE;
}

/* What the service says of who proves himself; returns where it is yes. */
static void ask_service(enum auth_verb verb, struct credentials const *c)
{
  remember_user(c->login, c->login_len);
  struct auth_question q = question_of(verb, c->password, c->password_len);
  q.challenge = (struct field){ c->stamp, c->stamp_len };
  unsigned const seconds = FAILURE_DELAY;
  switch (auth_ask(&heard, &q, PROOF_MS)) {
    case AUTH_LET_IN: return;
    case AUTH_MUST_WAIT: conclude(outcome_with(MUST_WAIT));
    case AUTH_WRONG: case AUTH_DENIED:
      conclude_after(heard.answer.seconds > seconds ? heard.answer.seconds : seconds, outcome_with(EXIT_WRONG));
    default: conclude_after(heard.answer.seconds, outcome_with(TROUBLE));
  }
}

static enum sasl_said salt(struct sasl *s)
{
  ask_service(AUTH_SALT, &s->credentials);
  return sasl_salt(s, heard.answer.text, heard.answer.seconds);
}

/* The client wants to see our own proof before he is let in, which no checker could show him. The checker, who decides, then looks
   at his once more. */
static void attempt_by_proof(struct sasl *s)
{
  char packed[CREDENTIALS_PROOF_MAX], line[COMMAND_MAX];
  size_t const packed_len = credentials_pack_proof(packed, &s->credentials);
  size_t len = 0;
  ask_service(AUTH_PASSWORD, &s->credentials);
  if (!packed_len) reply(&net, "-ERR name or password not acceptable");
  else if (!sasl_sign(s, heard.answer.text)) conclude(outcome_with(TROUBLE));
  else if (!ask(s, line, &len)) reply(&net, "-ERR line too long");
  else if (len) reply(&net, "-ERR syntax error");
  else run_checker(pipe_filled(packed, packed_len));
}

/* RFC 5034: a response comes with the command or as a line of its own. */
static void exchange(struct sasl_mechanism const *mechanism, struct sasl_side const *side, char *initial, size_t len)
{
  char line[COMMAND_MAX];
  static struct sasl s;
  enum sasl_said said = sasl_begin(&s, mechanism, side, initial, len);
  bool fits = true;
  for (;;) {
    if (said == SASL_WANTS_SALT) said = salt(&s);
    if (!fits || said != SASL_CHALLENGE) break;
    if ((fits = ask(&s, line, &len))) said = sasl_answer(&s, line, len);
  }
  if (!fits) reply(&net, "-ERR line too long");
  else if (said != SASL_COMPLETE) reply(&net, "-ERR syntax error");
  else if (s.credentials.stamp_len) attempt_by_proof(&s);
  else {
    remember_user(s.credentials.login, s.credentials.login_len);
    attempt((char *)s.credentials.password, s.credentials.password_len);
  }
  sasl_end(&s);
  explicit_bzero(line, sizeof line);
}

static void verb_auth(char *argument, size_t len)
{
  char unique[SASL_STAMP_MAX + 1];
  struct sasl_side side = { .stamp = unique };
  unsigned const set = mechanisms(&side);
  struct verb_words w = verb_split(argument, len);
  struct sasl_mechanism const *mechanism = sasl_find(argument, w.verb_len, set);
  if (!len) list_mechanisms(set);
  else if (!mechanism) reply(&net, "-ERR authorization first");
  else if (!sasl_stamp(unique, hostname)) refuse_with("[SYS/TEMP] ", "temporary problem, try again later");
  else exchange(mechanism, &side, argument + w.argument, len - w.argument);
  explicit_bzero(argument, len);
}

static void verb_capa(char *argument, size_t len)
{
  char const *culprit;
  (void)argument; (void)len;
  knows_codes = true;
  if (!controls_at_home(controls, &culprit)) {
    strerr_warnwusys("read ", culprit);
    refuse_with("[SYS/TEMP] ", "unable to read controls");
    return;
  }
  reply(&net, "+OK ");
  if (!tls_is_on && tls_ask_is_possible()) reply(&net, "STLS");
  list_capabilities(&net, mechanisms_named(), login_delay);
}

/* RFC 6856 section 2.1. */
static void verb_utf8(char *argument, size_t len)
{
  (void)argument;
  if (len) {
    reply(&net, "-ERR no argument is allowed");
    return;
  }
  knows_utf8 = true;
  reply(&net, "+OK ");
}

/* Only what came before the line was read; a lawful client waits for the answer. */
static bool client_has_spoken(void)
{
  char c;
  return net.begin < net.end || recv(net.in, &c, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Whatever was said in plain text may have been said by somebody else. */
static void begin_anew(struct tls_asked const *t)
{
  if (dup2(t->in, 0) == -1 || dup2(t->out, 1) == -1) _exit(1);
  if (!t->foreign) fd_close(t->in);
  net_forget(&net);
  tls_is_on = true;
  knows_codes = knows_utf8 = false;
  state = NAMELESS;
  user_len = 0;
  if (!tls_facts_set(&t->answer)) die_nomem();
}

static void log_no_tls(struct tls_asked const *t)
{
  stralloc line = STRALLOC_ZERO;
  char const *ip = getenv("TCPREMOTEIP");
  if (!ip) ip = "unknown";
  text_add(&line, "qmail-popup: ip ");
  if (!log_text(&line, ip, strlen(ip), 100)) die_nomem();
  text_add(&line, " no TLS: ");
  if (!log_text(&line, t->answer.why.s, t->answer.why.len, 200)) die_nomem();
  text_add(&line, "\n");
  fd_write(2, line.s, line.len);
}

static void verb_stls(char *argument, size_t len)
{
  static struct tls_asked t;
  static struct tls_question const q = { .side = TLS_SERVER, .service = TLS_POP3, .ms = HANDSHAKE_MS };
  (void)argument;
  if (client_has_spoken()) end_with("-ERR you must wait for the answer to STLS");
  if (len) reply(&net, "-ERR no argument is allowed");
  else if (tls_is_on) reply(&net, "-ERR TLS is on already");
  else if (tls_ask_open(&t, &q, 0) != TLS_READY) {
    log_no_tls(&t);
    refuse_with("[SYS/TEMP] ", "TLS is not available now");
  } else {
    reply(&net, "+OK begin TLS");
    net_flush(&net);
    if (tls_ask_start(&t) == TLS_DONE) begin_anew(&t);
    else {
      log_no_tls(&t);
      _exit(1);
    }
  }
}

static void verb_noop(char *argument, size_t len)
{
  (void)argument; (void)len;
  reply(&net, "+OK ");
}

static void verb_quit(char *argument, size_t len)
{
  (void)argument; (void)len;
  end_with("+OK ");
}

static void verb_other(char *argument, size_t len)
{
  (void)argument; (void)len;
  reply(&net, "-ERR authorization first");
}

static struct verb const verbs[] = {
  /* name    does        welcome in      otherwise          kind */
  { "USER",  verb_user,  VERB_ANYWHERE,  0,                 VERB_ARGUMENT },
  { "PASS",  verb_pass,  NAMED,          "-ERR USER first", VERB_ARGUMENT },
  { "APOP",  verb_apop,  VERB_ANYWHERE,  0,                 VERB_ARGUMENT },
  { "AUTH",  verb_auth,  VERB_ANYWHERE,  0,                 0 },
  { "STLS",  verb_stls,  VERB_ANYWHERE,  0,                 0 },
  { "CAPA",  verb_capa,  VERB_ANYWHERE,  0,                 0 },
  { "UTF8",  verb_utf8,  VERB_ANYWHERE,  0,                 0 },
  { "NOOP",  verb_noop,  VERB_ANYWHERE,  0,                 0 },
  { "QUIT",  verb_quit,  VERB_ANYWHERE,  0,                 0 },
  { 0,       verb_other, VERB_ANYWHERE,  0,                 0 }
};

/* ---- the beginning ---- */

static void stamp_set(void)
{
  char *s = stamp;
  *s++ = '<';
  s += uint64_fmt(s, (uint64_t)getpid());
  *s++ = '.';
  s += uint64_fmt(s, (uint64_t)time(0));
  *s++ = '@';
  s = stpcpy(s, hostname);
  strcpy(s, ">");
}

static void greet(void)
{
  net_puts(&net, "+OK ");
  reply(&net, stamp);
}

static bool is_among(char const *word, struct field words)
{
  struct field next;
  while ((next = field_word(&words)).len)
    if (field_is(next, word)) return true;
  return false;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-popup";
  net_init(&net, 0, 1, TIMEOUT, TIMEOUT, client_lost);
  net.rest_is_for_another = true;       /* what is sent behind the password is for the program behind the checker */
  sig_ignore(SIGPIPE);
  capture_begin(&net, getenv("TCPREMOTEIP"));
  if (argc < 3 || strlen(argv[1]) > HOSTNAME_MAX) end_with("-ERR usage: popup hostname subprogram");
  hostname = argv[1];
  checker = argv + 2;
  offers_scram = is_among("scram", variable("POP3_AUTH"));
  tls_ask_home = HOME;
  tls_is_on = getenv("SSL_PROTOCOL") != 0;
  stamp_set();
  greet();
  converse(&net, verbs, &state);
}
