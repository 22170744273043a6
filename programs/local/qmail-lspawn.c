/* qmail-lspawn: schedule local deliveries, each by a qmail-local that runs as the addressee.

   runs as   root, as part of group qmail; a delivery's child becomes the addressee before it does anything else
   reads     commands of qmail-send on fd 0, queue/mess, users/cdb, the answers of qmail-getpw
   changes   nothing
   exits     0 when the commands ended and all deliveries are done, 100 without argument, 111 when it cannot begin
*/

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "accounts.h"
#include "address.h"
#include "become.h"
#include "bytes.h"
#include "control.h"
#include "envelope_extra.h"
#include "getpw.h"
#include "home.h"
#include "local_exit.h"
#include "local_known.h"
#include "monotonic.h"
#include "spawn.h"
#include "users.h"

#define USAGE "qmail-lspawn defaultdelivery"

enum {
  REPORT_MAX = 3000,          /* bytes of a delivery's output that are reported */
  FEW = 2                     /* deliveries under way; of more, some share a commit anyhow */
};

static char const one_at_a_time[] = "Internal error: one recipient at a time. (#4.3.5)\n";
static char const report_cut[] = "\nError report too long, sorry.\n";

static unsigned long concurrencylocal;
static unsigned long timeoutlocal = 14400;    /* also where the control files cannot be read */
static struct control const controls[] = {
  /* file                kind            goes to            when absent */
  { "concurrencylocal",  CONTROL_NUMBER, &concurrencylocal, "10" },
  { "timeoutlocal",      CONTROL_NUMBER, &timeoutlocal,     "14400" },
  { 0 }
};

static char const *default_delivery;
static uid_t getpw_uid;
static gid_t getpw_gid;

static size_t four_fields(char const *s, size_t len)
{
  size_t at = 0;
  for (int i = 0; i < 4 && at < len; i++) at += byte_chr(s + at, len - at, 0) + 1;
  return at < len ? at : len;
}

/* ---- verdicts ---- */

static struct verdict { int code; char const *report; } const verdicts[] = {
  { LOCAL_EXIT_USERS_CDB, "ZTrouble reading users/cdb in qmail-lspawn.\n" },
  { LOCAL_EXIT_NOMEM, "ZOut of memory in qmail-lspawn.\n" },
  { LOCAL_EXIT_SYSTEM, "ZTemporary failure in qmail-lspawn.\n" },
  { LOCAL_EXIT_NO_ALIAS, "ZUnable to find alias user!\n" },
  { LOCAL_EXIT_ROOT, "ZNot allowed to perform deliveries as root.\n" },
  { LOCAL_EXIT_INTERNAL, "ZInternal qmail-lspawn bug.\n" },
  { LOCAL_EXIT_HOMES_AWAY, "ZNFS failure in qmail-local.\n" },
  { LOCAL_EXIT_NO_LOCAL, "DUnable to run qmail-local.\n" },
  { LOCAL_EXIT_NO_LOCAL_NOW, "ZUnable to run qmail-local.\n" },
  { LOCAL_EXIT_NO_GETPW, "ZUnable to run qmail-getpw.\n" },
  /* These are followed by what the delivery said. */
  { 0, "K" },
  { 71, "Z" },
  { 74, "Z" },
  { 75, "Z" },
  { 111, "Z" },
  { LOCAL_EXIT_NOT_BEGUN, "Z" }
};

static char const *verdict_of(int wstat)
{
  if (!WIFEXITED(wstat)) return "Zqmail-local crashed.\n";
  for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
    if (verdicts[i].code == WEXITSTATUS(wstat)) return verdicts[i].report;
  return "D";
}

/* The first four fields, without the last NUL: a name that all addresses of the account have in common. */
static void answer(struct spawn_reports *to, struct wire_command const *command, int wstat, char const *record, size_t len)
{
  static struct user user = USER_ZERO;
  static stralloc account = STRALLOC_ZERO;
  char const *recipient = command->recipients[0].address;
  bool found = WIFEXITED(wstat) && !WEXITSTATUS(wstat) && users_parse(&user, record, len) > 0
            && bytes_setb(&account, record, four_fields(record, len) - 1);
  if (found) known_learn(recipient, address_at(recipient, strlen(recipient)), record, len, monotonic_seconds());
  for (size_t i = 0; found && i < account.len; i++)
    if (!account.s[i]) account.s[i] = ':';
  if (found) spawn_report(to, command, 0, 'W', account.s, account.len);
  else spawn_report(to, command, 0, 'Z', "", 0);
}

/* True when the delivery was a forward of which more is to be told. */
static bool judge_forward(struct spawn_reports *to, struct wire_command const *command, int wstat, char const *output, size_t len)
{
  int code = WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 0;
  if (code != LOCAL_EXIT_PASSED_ON && code != LOCAL_EXIT_EXPANDED) return false;
  char outcome = code == LOCAL_EXIT_PASSED_ON ? WIRE_PASSED_ON : WIRE_EXPANDED;
  spawn_report_in_full(to, command, 0, (struct wire_report){ .letter = 'K', .outcome = outcome, .text = output, .len = len });
  return true;
}

static void judge(struct spawn_reports *to, struct wire_command const *command, int wstat, char const *output, size_t len)
{
  if (wire_is_question(command)) {
    answer(to, command, wstat, output, len);
    return;
  }
  if (command->extras && judge_forward(to, command, wstat, output, byte_chr(output, len, 0))) return;
  char const *report = verdict_of(wstat);
  if (report[1]) spawn_report(to, command, 0, report[0], report + 1, strlen(report) - 1);
  else spawn_report(to, command, 0, report[0], output, byte_chr(output, len, 0));
  for (size_t i = 1; i < command->count; i++)
    spawn_report(to, command, i, 'Z', one_at_a_time, sizeof one_at_a_time - 1);
}

/* ---- the child: whose address it is ---- */

static bool become_qmailp(void)
{
  return become(getpw_uid, getpw_gid);
}

/* Codes that are no word of qmail-getpw's (a loader without libraries, say) must not bounce mail. */
static void obey_getpw(int wstat)
{
  if (!WIFEXITED(wstat)) _exit(LOCAL_EXIT_SYSTEM);
  switch (WEXITSTATUS(wstat)) {
    case 0: return;
    case LOCAL_EXIT_HOMES_AWAY: case LOCAL_EXIT_NO_ALIAS: case LOCAL_EXIT_SYSTEM: case LOCAL_EXIT_NOMEM:
      _exit(WEXITSTATUS(wstat));
    default: _exit(LOCAL_EXIT_NO_GETPW);
  }
}

static void ask_getpw(struct user *user, char const *box)
{
  int wstat, r = getpw_ask(user, box, become_qmailp, &wstat);
  if (r == -1) _exit(errno == ENOMEM ? LOCAL_EXIT_NOMEM : LOCAL_EXIT_SYSTEM);
  obey_getpw(wstat);
  if (r == 0) _exit(LOCAL_EXIT_INTERNAL);
}

static void find_user(struct user *user, char const *box)
{
  stralloc const *known = known_find(box, strlen(box), monotonic_seconds());
  if (known && users_parse(user, known->s, known->len) > 0) return;
  switch (users_find(user, box, strlen(box))) {
    case USERS_FOUND: return;
    case USERS_NOBODY: ask_getpw(user, box); return;
    case USERS_NOMEM: _exit(LOCAL_EXIT_NOMEM);
    case USERS_TROUBLE: _exit(LOCAL_EXIT_USERS_CDB);
  }
}

/* ---- the child: becoming qmail-local ---- */

static bool record_field(stralloc *to, char const *text)
{
  return bytes_addb(to, text, strlen(text) + 1);
}

static bool record_number(stralloc *to, unsigned long number)
{
  char digits[ULONG_FMT];
  return bytes_addb(to, digits, ulong_fmt(digits, number)) && bytes_end(to);
}

/* As qmail-getpw answers. The first four fields are the key of the agent. */
static bool record(stralloc *to, struct user const *user)
{
  return record_field(to, user->name.s) && record_number(to, user->uid) && record_number(to, user->gid)
      && record_field(to, user->home.s) && record_field(to, user->dash.s) && record_field(to, user->ext.s);
}

static void offer(struct agent_invitation const *invitation, struct user const *user)
{
  stralloc about = STRALLOC_ZERO;
  if (!record(&about, user)) about.len = 0;
  agent_offer(invitation, about.s, about.len);
  stralloc_free(&about);
}

static _Noreturn void say_whose(struct user const *user)
{
  stralloc account = STRALLOC_ZERO;
  if (!record(&account, user)) _exit(LOCAL_EXIT_NOMEM);
  _exit(allwrite(1, account.s, account.len) == account.len ? 0 : LOCAL_EXIT_SYSTEM);
}

static void become_user(struct user const *user)
{
  if (user->uid == 0) _exit(LOCAL_EXIT_ROOT);
  if (!become(user->uid, user->gid)) _exit(LOCAL_EXIT_SYSTEM);
}

/* A qmail-local that is missing (an installation under way) is this machine's trouble, so it defers like every
   other; only a replacement of qmail-local that says 126 itself bounces. */
static _Noreturn void run_local(struct user const *user, char const *box, char const *host, char const *sender)
{
  char const *const argv[] = {
    "bin/qmail-local", "--", user->name.s, user->home.s, box, user->dash.s, user->ext.s, host, sender,
    default_delivery, 0
  };
  execv(argv[0], (char *const *)argv);
  _exit(LOCAL_EXIT_NO_LOCAL_NOW);
}

static void set_extras(struct wire_command const *command)
{
  stralloc extras = STRALLOC_ZERO;
  if (!command->extras) return;
  if (!wire_command_extras(&extras, command) || setenv(EXTRAS_VARIABLE, extras.s, 1) == -1) _exit(LOCAL_EXIT_NOMEM);
}

static void become_delivery(struct wire_command const *command, struct agent_invitation const *invitation)
{
  struct user user = USER_ZERO;
  char const *recipient = command->recipients[0].address;
  size_t at = address_at(recipient, strlen(recipient));
  if (!at) _exit(0);
  char *box = strndup(recipient, at);
  if (!box) _exit(LOCAL_EXIT_NOMEM);
  if (chdir(HOME) == -1) _exit(LOCAL_EXIT_SYSTEM);
  find_user(&user, box);
  if (wire_is_question(command)) say_whose(&user);
  offer(invitation, &user);
  become_user(&user);
  set_extras(command);
  run_local(&user, box, recipient + at + 1, command->sender);
}

/* ---- agents: qmail-local stays for the same user ---- */

/* Where users and programs come from. What else the name service knows is believed for KNOWN_SECONDS. */
static char const *const watched[] = {
  HOME "/users/cdb", HOME "/bin/qmail-getpw", HOME "/control/breakchars", "/etc/passwd", "/etc/nsswitch.conf", 0
};

static char const *program(void)
{
  return HOME "/bin/qmail-local";
}

static bool learn(struct wire_command const *command, char const *about, size_t len, uid_t uid, stralloc *key)
{
  static struct user user = USER_ZERO;
  char const *recipient = command->recipients[0].address;
  if (users_parse(&user, about, len) <= 0 || user.uid != uid) return false;
  known_learn(recipient, address_at(recipient, strlen(recipient)), about, len, monotonic_seconds());
  return bytes_setb(key, about, four_fields(about, len));
}

/* The arguments of run_local. */
static bool arguments_for(stralloc *to, struct user const *user, char const *recipient, size_t at, char const *sender)
{
  return record_field(to, "--") && record_field(to, user->name.s) && record_field(to, user->home.s)
      && bytes_addb(to, recipient, at) && bytes_end(to)
      && record_field(to, user->dash.s) && record_field(to, user->ext.s) && record_field(to, recipient + at + 1)
      && record_field(to, sender) && record_field(to, default_delivery);
}

/* Read when somebody is looked for, and forgotten when the file is another one: it is among those that are watched. */
static struct { stralloc bytes; bool is_read; } table = { STRALLOC_ZERO, false };

static void forget(void)
{
  known_forget();
  stralloc_free(&table.bytes);
  table.is_read = false;
}

static bool read_table(void)
{
  if (table.is_read) return true;
  int r = control_slurp_path(&table.bytes, HOME "/users/cdb");
  if (r != 1) stralloc_free(&table.bytes);
  return table.is_read = r != -1;
}

/* The addresses of a virtual domain are many and their owner is one: who is in users/cdb is found without a process. What only
   qmail-getpw can tell is not asked here. */
static stralloc const *find_assigned(char const *box, size_t len)
{
  static struct user user = USER_ZERO;
  static stralloc found = STRALLOC_ZERO;
  if (!read_table() || !table.bytes.len) return 0;
  if (users_find_in(&user, table.bytes.s, table.bytes.len, box, len) != USERS_FOUND || !user.uid) return 0;
  found.len = 0;
  return record(&found, &user) ? &found : 0;
}

static stralloc const *find_known(char const *recipient, size_t at)
{
  stralloc const *known = known_find(recipient, at, monotonic_seconds());
  return known ? known : find_assigned(recipient, at);
}

static bool request(struct wire_command const *command, stralloc *key, stralloc *arguments)
{
  static struct user user = USER_ZERO;
  char const *recipient = command->recipients[0].address;
  size_t at = address_at(recipient, strlen(recipient));
  stralloc const *known = at && !wire_is_question(command) ? find_known(recipient, at) : 0;
  return known && bytes_setb(key, known->s, four_fields(known->s, known->len))
      && users_parse(&user, known->s, known->len) > 0
      && (!command->extras || (record_field(arguments, EXTRAS_OPTION) && wire_command_extras(arguments, command)))
      && arguments_for(arguments, &user, recipient, at, command->sender);
}

/* A delivery that waits keeps its place. Where there are hardly more than a few places, that holds up mail that waits for
   one. Where there are more, and most of them are free, it holds up nobody. */
static bool may_wait(size_t running)
{
  return running <= FEW && concurrencylocal > FEW + 1;
}

/* The word costs something, so nobody asks for it while half of the places are free. */
static bool places_are_scarce(size_t held)
{
  return 2 * held >= concurrencylocal;
}

int main(int argc, char const *const *argv)
{
  static struct spawn_role const role = {
    .become_delivery = become_delivery, .judge = judge, .controls = controls, .seconds_max = &timeoutlocal,
    .may_wait = may_wait, .places_are_scarce = places_are_scarce, .output_max = REPORT_MAX, .output_cut = report_cut,
    .program = program, .agent = "qmail-local", .watched = watched, .forget = forget, .learn = learn,
    .request = request
  };
  PROG = "qmail-lspawn";
  if (argc != 2) strerr_dieusage(100, USAGE);
  default_delivery = argv[1];
  getpw_uid = account_uid("qmailp");
  getpw_gid = account_gid("nofiles");
  return spawn_main(&role);
}
