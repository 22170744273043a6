/* sendmail: what programs that know no other way to send mail expect to find; turns into qmail-inject, qmail-smtpd
   or qmail-qread. Also called as mailq and newaliases.

   runs as   the user who calls it, from any directory
   reads     nothing
   changes   the environment of what it turns into
   exits     100 for an option or mode it does not have, 111 when the other program cannot be run, 0 for a flush
             of the queue that only root may ask for; else as the other program
*/

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/genalloc.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "addrlist.h"
#include "die.h"
#include "home.h"
#include "options.h"
#include "rewrite.h"
#include "text.h"

#define USAGE "sendmail [ -t ] [ -fsender ] [ -Fname ] [ -bp ] [ -bs ] [ arg ... ]"
#define BIN HOME "/bin/"

/* ---- what is wanted ---- */

static bool recipients_in_header;               /* -t */
static char const *sender, *name;               /* -f, -F */
static char const *events, *part, *id;          /* -N, -R, -V */
static char const *const *arguments;

static _Noreturn void run(char const *program, char const *const *argv)
{
  stralloc path = STRALLOC_ZERO;
  text_add(&path, BIN);
  text_add(&path, program);
  execv(text_z(&path), (char *const *)argv);
  strerr_diefusys(111, "run ", program);
}

static _Noreturn void run_alone(char const *program)
{
  char const *const argv[] = { program, 0 };
  run(program, argv);
}

static void set(char const *variable, char const *value)
{
  if ((value ? setenv(variable, value, 1) : unsetenv(variable)) == -1) die_nomem();
}

/* ---- modes ---- */

/* The addresses of an argument, which is a list as in a header: names, comments and groups may be in it. */
static struct addrlist addresses_of(char const *arg)
{
  struct addrlist list = ADDRLIST_ZERO;
  if (addrlist_parse(&list, arg, strlen(arg)) != ADDRLIST_OK) strerr_dief(100, "unable to parse address: ", arg);
  return list;
}

/* The i-th of them from the left, as qmail-inject takes it on its command line. Never freed: we become qmail-inject. */
static char const *address_in(struct addrlist const *list, size_t i)
{
  stralloc raw = STRALLOC_ZERO;
  struct addrlist_span const *span = addrlist_span(list, addrlist_count(list) - 1 - i);
  rewrite_plain(&raw, genalloc_s(struct token const, &list->tokens), *span);
  return text_z(&raw);
}

/* Of several addresses the first; nothing at all is the null sender. */
static char const *sender_in(char const *arg)
{
  struct addrlist list = addresses_of(arg);
  if (!genalloc_len(struct token, &list.tokens)) return "";
  if (!addrlist_count(&list)) strerr_dief(100, "unable to parse address: ", arg);
  if (addrlist_count(&list) > 1) strerr_warnw("more than one sender, the first is taken: ", arg);
  return address_in(&list, 0);
}

/* From follows the sender, as the family does it; a name given with -F goes with it. */
static void become_sender(void)
{
  static char const *const others[] = { "QMAILNAME", "MAILNAME", "NAME", "QMAILHOST", "MAILHOST" };
  stralloc user = STRALLOC_ZERO;
  size_t len = strlen(sender);
  if (!len) return;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) set(others[i], 0);
  size_t at = address_at(sender, len);
  text_addb(&user, sender, at);
  set("QMAILUSER", text_z(&user));
  if (at + 1 < len) set("QMAILHOST", sender + at + 1);
  stralloc_free(&user);
}

static void add_word(genalloc *argv, char const *word)
{
  if (!genalloc_append(char const *, argv, &word)) die_nomem();
}

static void add_option(genalloc *argv, char const *option, char const *value)
{
  if (!value) return;
  add_word(argv, option);
  add_word(argv, value);
}

static void add_recipients(genalloc *argv, char const *arg)
{
  struct addrlist list = addresses_of(arg);
  if (!addrlist_count(&list)) strerr_dief(100, "no address in the argument: ", arg);
  for (size_t i = 0; i < addrlist_count(&list); i++) add_word(argv, address_in(&list, i));
}

static _Noreturn void mode_mail(void)
{
  genalloc argv = GENALLOC_ZERO;
  if (sender) sender = sender_in(sender);
  if (sender) become_sender();
  if (name) set("MAILNAME", name);
  add_word(&argv, "qmail-inject");
  add_word(&argv, recipients_in_header ? "-H" : "-a");
  add_option(&argv, "-f", sender);
  add_option(&argv, "-T", events);
  add_option(&argv, "-R", part);
  add_option(&argv, "-V", id);
  add_word(&argv, "--");
  for (; *arguments; arguments++) add_recipients(&argv, *arguments);
  add_word(&argv, 0);
  run("qmail-inject", genalloc_s(char const *, &argv));
}

static _Noreturn void mode_smtp(void)
{
  static char const *const connection[][2] = {
    { "RELAYCLIENT", "" }, { "DATABYTES", "0" }, { "SMTPD_BARE", "normalise" }, { "PROTO", "TCP" },
    { "TCPLOCALIP", "127.0.0.1" }, { "TCPLOCALHOST", "localhost" },
    { "TCPREMOTEIP", "127.0.0.1" }, { "TCPREMOTEHOST", "localhost" }, { "TCPREMOTEINFO", "sendmail-bs" }
  };
  if (!getenv("PROTO"))
    for (size_t i = 0; i < sizeof connection / sizeof *connection; i++) set(connection[i][0], connection[i][1]);
  run_alone("qmail-smtpd");
}

static _Noreturn void mode_list(void) { run_alone("qmail-qread"); }

/* Somebody may have made HOME/bin/newaliases a link to this very program. */
static _Noreturn void mode_aliases(void)
{
  struct stat theirs, ours;
  bool installed = stat(BIN "newaliases", &theirs) == 0;
  bool is_us = installed && stat(BIN "sendmail", &ours) == 0 && ours.st_dev == theirs.st_dev &&
               ours.st_ino == theirs.st_ino;
  if (installed && !is_us) run_alone("newaliases");
  strerr_dief(100, "please use fastforward/newaliases instead");
}

static _Noreturn void mode_flush(void)
{
  char const *const argv[] = { "qmailctl", "flush", 0 };
  if (!geteuid()) run("qmailctl", argv);
  strerr_warnw("only root may flush the queue; it is being worked on all the time anyway");
  _exit(0);
}

static _Noreturn void mode_daemon(void)
{
  strerr_dief(100, "-bd is not available: qmail-smtpd is started by the service tree, see qmailctl(8)");
}

static _Noreturn void mode_verify(void)
{
  strerr_dief(100, "-bv is not available: addresses are not verified before delivery");
}

static struct { char letter; void (*run)(void); } const modes[] = {
  { 'm', mode_mail },
  { 's', mode_smtp },
  { 'p', mode_list },
  { 'i', mode_aliases },
  { 'd', mode_daemon }, { 'D', mode_daemon },
  { 'v', mode_verify },
  { 0, 0 }
};

typedef void mode_function(void);

static mode_function *mode_of(char const *arg)
{
  for (size_t i = 0; modes[i].letter; i++)
    if (arg[0] == modes[i].letter && !arg[1]) return modes[i].run;
  strerr_dieusage(100, USAGE);
}

/* ---- options ---- */

/* Letters other mailers know and that change nothing here are read and forgotten: -i always holds, and what -o,
   -O, -B, -C and the like ask for is decided elsewhere. */
static char const known[] = "vimtxncGUIQA:b:f:r:F:e:p:o:O:B:C:N:R:V:h:L:X:E*J*q*";

static mode_function *read_options(int argc, char const *const *argv)
{
  struct options o = OPTIONS(argc, argv);
  mode_function *mode = mode_mail;
  for (int letter; (letter = options_next(&o, known)) != -1;) switch (letter) {
    case 't': recipients_in_header = true; break;
    case 'f': case 'r': sender = o.arg; break;
    case 'F': name = o.arg; break;
    case 'N': events = o.arg; break;
    case 'R': part = o.arg; break;
    case 'V': id = o.arg; break;
    case 'b': mode = mode_of(o.arg); break;
    case 'I': mode = mode_aliases; break;
    case 'q': mode = mode == mode_daemon ? mode : mode_flush; break;
    case '?': strerr_dieusage(100, USAGE);
    default: break;
  }
  arguments = argv + o.at;
  return mode;
}

static char const *called_as(char const *const *argv)
{
  char const *slash = argv[0] ? strrchr(argv[0], '/') : 0;
  return slash ? slash + 1 : argv[0] ? argv[0] : "";
}

int main(int argc, char const *const *argv)
{
  PROG = "sendmail";
  char const *me = called_as(argv);
  if (!strcmp(me, "mailq")) mode_list();
  if (!strcmp(me, "newaliases")) mode_aliases();
  read_options(argc, argv)();
}
