/* qmail-rspawn: start a qmail-remote for each delivery and each question of qmail-send, and report what became of it.

   runs as   qmailr, started by qmail-start
   reads     commands on fd 0 (delivery_wire.h), messages in queue/mess
   changes   queue/lock/tcpto, queue/lock/tlsfailed: cleared at the start
   says      reports on fd 1
   exits     0 when qmail-send has closed the commands and all deliveries are done, 111 when the machine fails us
*/

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "bytes.h"
#include "confine.h"
#include "die.h"
#include "envelope_extra.h"
#include "home.h"
#include "mark.h"
#include "queue_path.h"
#include "remote_judge.h"
#include "remote_stranger.h"
#include "sending_identity.h"
#include "spawn.h"
#include "tcpto.h"

enum { OUTPUT_MAX = 1 << 20 };    /* bytes of one qmail-remote: WIRE_RECIPIENTS_MAX long records fit */

/* A program that cannot be started is trouble of this machine, whatever the reason, and no fault of the mail. */
enum { CANNOT_START = 111 };

static char const *host_of(char const *address)
{
  size_t len = strlen(address);
  size_t at = address_at(address, len);
  return at < len ? address + at + 1 : address + len;
}

static char const *program_name(void)
{
  char const *name = getenv("QMAILREMOTE");
  return name ? name : "qmail-remote";
}

/* What agents are known by: whoever answers questions has no connection. No host is named so. A connection serves only mail
   that goes out as the same host; no name has a NUL. */
static bool key_of(stralloc *key, struct wire_command const *command)
{
  if (wire_is_question(command)) return bytes_set(key, "?");
  key->len = 0;
  if (command->identity && (!bytes_add(key, command->identity) || !bytes_end(key))) return false;
  return bytes_add(key, *command->destination ? command->destination : host_of(command->recipients[0].address));
}

/* qmail-remote's arguments. */
static size_t arguments_of(char const *argv[WIRE_RECIPIENTS_MAX + 2], struct wire_command const *command)
{
  size_t n = 0;
  if (wire_is_question(command)) argv[n++] = "-w";
  argv[n++] = host_of(command->recipients[0].address);
  if (wire_is_question(command)) return n;
  argv[n++] = command->sender;
  for (size_t i = 0; i < command->count; i++) argv[n++] = command->recipients[i].address;
  return n;
}

/* ---- which program that is ---- */

static bool usable(char const *dir, size_t len, char const *name, char path[PATH_MAX])
{
  return len && snprintf(path, PATH_MAX, "%.*s/%s", (int)len, dir, name) < PATH_MAX && access(path, X_OK) == 0;
}

/* The file that execvp will take. */
static char const *program(void)
{
  static char path[PATH_MAX];
  char const *name = program_name(), *dirs = getenv("PATH");
  if (strchr(name, '/')) return name;
  while (dirs) {
    size_t len = strcspn(dirs, ":");
    if (usable(dirs, len, name, path)) return path;
    dirs = dirs[len] ? dirs + len + 1 : 0;
  }
  return 0;
}

static bool is_script(char const *path)
{
  char begin[2];
  return openreadnclose(path, begin, sizeof begin) == sizeof begin && !memcmp(begin, "#!", sizeof begin);
}

/* Only ours knows what a question is: another one would take its option for a host. */
static bool is_ours(void)
{
  struct stat used, own;
  char const *path = program();
  if (!path || stat(path, &used) == -1 || stat(HOME "/bin/qmail-remote", &own) == -1) return false;
  return used.st_dev == own.st_dev && used.st_ino == own.st_ino && !is_script(path);
}

/* What no option can say at a start, where another program than ours would take one for the host, variables do. */
static void set_variables(struct wire_command const *command)
{
  stralloc extras = STRALLOC_ZERO;
  if (command->stranger) setenv(STRANGER_VARIABLE, "", 1);
  if (command->identity && setenv(SENDING_IDENTITY_VARIABLE, command->identity, 1) == -1) _exit(CANNOT_START);
  if (!command->extras) return;
  if (!wire_command_extras(&extras, command) || setenv(EXTRAS_VARIABLE, extras.s, 1) == -1) _exit(CANNOT_START);
}

static void become_remote(struct wire_command const *command, struct agent_invitation const *invitation)
{
  char const *argv[1 + WIRE_RECIPIENTS_MAX + 2 + 1];
  stralloc key = STRALLOC_ZERO;
  if (wire_is_question(command) && !is_ours()) _exit(0);
  set_variables(command);
  if (!key_of(&key, command)) _exit(CANNOT_START);
  agent_offer(invitation, key.s, key.len);
  argv[0] = program_name();
  argv[1 + arguments_of(argv + 1, command)] = 0;
  execvp(argv[0], (char *const *)argv);
  _exit(CANNOT_START);
}

static void judge(struct spawn_reports *to, struct wire_command const *command, int wstat, char const *output, size_t len)
{
  static struct judgement j;
  if (wire_is_question(command)) {
    char const *name;
    size_t name_len = judge_where(&name, wstat, output, len);
    spawn_report(to, command, 0, 'W', name, name_len);
    return;
  }
  for (size_t i = 0; i < command->count; i++) {
    judge_recipient(&j, wstat, output, len, len >= OUTPUT_MAX, i, command->count);
    spawn_report_in_full(to, command, i, (struct wire_report){
      .letter = j.letter, .outcome = j.outcome, .most = j.most, .text = j.text, .len = j.len
    });
  }
}

/* ---- agents: qmail-remote stays for the same destination ---- */

static char const *const watched[] = {
  HOME "/control/me", HOME "/control/helohost", HOME "/control/smtproutes", HOME "/control/longlines",
  HOME "/control/eightbit",
  HOME "/control/tlspolicy", HOME "/control/smtpauth",
  HOME "/control/timeoutconnect", HOME "/control/timeoutremote", HOME "/control/timeoutdata", HOME "/control/timeoutdot",
  "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", 0
};

static bool learn(struct wire_command const *command, char const *about, size_t len, uid_t uid, stralloc *key)
{
  (void)command;
  return uid == getuid() && bytes_setb(key, about, len);
}

static bool argument(stralloc *to, char const *text)
{
  return bytes_addb(to, text, strlen(text) + 1);
}

static bool request(struct wire_command const *command, stralloc *key, stralloc *arguments)
{
  char const *argv[WIRE_RECIPIENTS_MAX + 2];
  size_t n = arguments_of(argv, command);
  if (command->stranger && !argument(arguments, STRANGER_OPTION)) return false;
  if (command->extras && (!argument(arguments, EXTRAS_OPTION) || !wire_command_extras(arguments, command))) return false;
  for (size_t i = 0; i < n; i++)
    if (!argument(arguments, argv[i])) return false;
  return key_of(key, command);
}

static struct spawn_role const remote = {
  .become_delivery = become_remote, .judge = judge, .output_max = OUTPUT_MAX, .output_cut = 0,
  .program = program, .agent = "qmail-remote", .watched = watched, .learn = learn, .request = request
};

/* ---- the beginning ---- */

/* Its own two files, what a large message is copied to, and the programs of this system, which come and go. What
   qmail-remote reads is anywhere. */
static struct confine_path const paths[] = {
  { "/",                 CONFINE_READ },
  { HOME "/bin",         CONFINE_RUN },
  { CONFINE_LOADER,      CONFINE_RUN | CONFINE_BESIDE },
  { HOME "/queue/lock",  CONFINE_WRITE },
  { QUEUE_COPIES,        CONFINE_WRITE },
  { "/dev/null",         CONFINE_WRITE },
  { "/var/tmp",          CONFINE_WRITE },
  { 0 }
};

/* All of it is inherited, so it is nothing for a program of the site. */
static void give_up_the_rest(void)
{
  char const *path = program();
  if (!path || strcmp(path, HOME "/bin/qmail-remote") != 0 || !mark_found(path, "qmail-remote")) return;
  confine_or_warn(&(struct confinement){ .paths = paths, .calls = CONFINE_PROGRAMS | CONFINE_INTERNET | CONFINE_HERE });
}

int main(void)
{
  PROG = "qmail-rspawn";
  enter_home();
  tcpto_clear(TCPTO_FILE);        /* without the tables no host is ever spared, and nothing worse */
  tcpto_clear(TCPTO_TLS_FILE);
  give_up_the_rest();
  return spawn_main(&remote);
}
