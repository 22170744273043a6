/* qmail-import: take over what another mail system of this host, or of a copy of one, has in its files.

   runs as   root; with --dry-run who calls
   reads     the files of that system below /etc, /etc/aliases, control files, names in users' homes
   changes   with --drain the queues of that system and ours; else control/, users/virtual, files in ~alias, /etc/aliases, /etc/tcp.smtp: all or none; what was there is in import/before
   exits     0 done, or shown; 100 wrong use; 111 trouble: run it again, it goes on
*/

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "change.h"
#include "die.h"
#include "drain.h"
#include "harvest.h"
#include "home.h"
#include "lock.h"
#include "merge.h"
#include "nameset.h"
#include "passwd.h"
#include "plan_text.h"
#include "seen.h"
#include "source.h"
#include "systems.h"
#include "temporary.h"
#include "text.h"

#define USAGE "qmail-import sendmail|postfix|smail|exim [--root DIR] [--dry-run]\nqmail-import sendmail|postfix|exim --drain | --back"
#define LOCK "users/.import"
#define BY_TABLE "| fastforward -d /etc/aliases.cdb\n"

static struct harvest harvest;
static bool dry_run;
static enum { IMPORT, DRAIN, BACK } deed;

static void say(char const *a, char const *b, size_t len)
{
  buffer_puts(buffer_1, a);
  if (buffer_put(buffer_1, b, len) < 0) strerr_diefusys(111, "write standard output");
}

/* ---- what is wanted ---- */

static struct { char const *name; void (*import)(struct harvest *); } const systems[] = {
  { "exim", import_exim },
  { "postfix", import_postfix },
  { "sendmail", import_sendmail },
  { "smail", import_smail },
  { 0, 0 }
};

static void (*wanted(char const *name))(struct harvest *)
{
  size_t i = 0;
  while (systems[i].name && strcmp(systems[i].name, name) != 0) i++;
  if (!systems[i].name) strerr_dieusage(100, USAGE);
  return systems[i].import;
}

static void read_options(int argc, char const *const *argv)
{
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], "--dry-run") == 0) dry_run = true;
    else if (strcmp(argv[i], "--drain") == 0) deed = DRAIN;
    else if (strcmp(argv[i], "--back") == 0) deed = BACK;
    else if (strcmp(argv[i], "--root") == 0 && i + 1 < argc && *argv[i + 1] == '/') source_root = argv[++i];
    else strerr_dieusage(100, USAGE);
  }
  if (deed != IMPORT && (dry_run || *source_root)) strerr_dieusage(100, USAGE);
  if (deed != IMPORT && !drain_knows(argv[1]))
    strerr_dief(100, "the queue of ", argv[1], " is not taken over: it sends what it can by its own runq");
}

/* ---- aliases ---- */

static struct harvest_place const aliases_place = { "/etc/aliases", 0 };

static void alias_path(stralloc *to, char const *name)
{
  text_set(to, "alias/.qmail-");
  for (; *name; name++) text_addc(to, *name == '.' ? ':' : (char)(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name));
  text_z(to);
}

static bool has_alias(char const *name)
{
  for (size_t at = 0; at < harvest.alias_names.len; at += strlen(harvest.alias_names.s + at) + 1)
    if (strcasecmp(harvest.alias_names.s + at, name) == 0) return true;
  return false;
}

/* What qmail-setup has put there, for who had no aliases. Mail for postmaster must not go to and fro between him and root. */
static bool may_go(char const *name, struct field text)
{
  if (!field_is(text, "&postmaster\n") && !field_is(text, "./Maildir/\n")) return false;
  return strcasecmp(name, "postmaster") != 0 || has_alias("root");
}

static void look_at_file(stralloc *plan, char const *name)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  alias_path(&path, name);
  if (strchr(name, '/') || !change_read(&text, path.s)) {
    stralloc_free(&path);
    return;
  }
  if (may_go(name, (struct field){ text.s, text.len })) plan_text_add(plan, &(struct plan_file){ true, path.s, { "", 0 } });
  else harvest_leave(&harvest, aliases_place, field_of(name), "a file .qmail-NAME in ~alias goes first: remove it, or write there where that mail is to go");
  stralloc_free(&path);
  stralloc_free(&text);
}

/* An account gets its own mail before any alias is looked for. */
static bool is_account(char const *name)
{
  struct passwd const *p;
  struct stat st;
  enum passwd_result found = passwd_find(&p, name);
  if (found == PASSWD_TROUBLE) strerr_diefusys(111, "look up user ", name);
  if (found == PASSWD_NONE || !p->pw_uid) return false;
  return seen(&st, p->pw_dir) && st.st_uid == p->pw_uid;
}

static void look_at_names(stralloc *plan)
{
  for (size_t at = 0; at < harvest.alias_names.len; at += strlen(harvest.alias_names.s + at) + 1) {
    char const *name = harvest.alias_names.s + at;
    if (is_account(name)) harvest_leave(&harvest, aliases_place, field_of(name), "this is an account here, which goes first: write in its ~/.qmail where its mail is to go");
    else look_at_file(plan, name);
  }
}

/* ---- .forward files ---- */

static bool has_forward_file(char const *home)
{
  struct stat st;
  stralloc path = STRALLOC_ZERO;
  text_set(&path, home);
  text_add(&path, "/.forward");
  bool has = *home == '/' && seen_itself(&st, text_z(&path));
  stralloc_free(&path);
  return has;
}

static struct passwd const *next_user(void)
{
  errno = 0;
  struct passwd const *p = getpwent();
  if (!p && temporary(errno)) strerr_diefusys(111, "read the names of users");
  return p;
}

static bool any_forward_file(void)
{
  struct passwd const *p;
  bool found = false;
  setpwent();
  while (!found && (p = next_user())) found = p->pw_uid && has_forward_file(p->pw_dir);
  endpwent();
  return found;
}

/* All of them let users say in ~/.forward where their mail goes: it goes on to count where somebody has one, in front of what mail
   without instructions comes to. */
static void take_forward_files(void)
{
  static char const line[] = "| dot-forward .forward\n";
  stralloc *to = &harvest.text[HARVEST_DEFAULTDELIVERY], there = STRALLOC_ZERO;
  if (!any_forward_file()) return;
  if (to->len || !change_read(&there, harvest_targets[HARVEST_DEFAULTDELIVERY].path)) text_set(&there, "./Maildir/\n");
  bool is_there = !to->len && memmem(there.s, there.len, "dot-forward", 11);
  if (!to->len && !is_there) text_addx(to, &there);
  if (!is_there && !bytes_insertb(to, 0, line, sizeof line - 1)) die_nomem();
  stralloc_free(&there);
}

/* ---- the plan ---- */

static void plan_file(stralloc *plan, enum harvest_file file)
{
  struct harvest_target const *target = &harvest_targets[file];
  struct harvest_place place = { target->path, 0 };
  stralloc there = STRALLOC_ZERO, new = STRALLOC_ZERO;
  struct field comes = { harvest.text[file].s, harvest.text[file].len };
  if (!comes.len) return;
  bool exists = change_read(&there, target->path);
  if (!exists && file == HARVEST_RULES) change_read(&there, "rules/tcp.smtp");
  bool same = merge(&new, target->kind, (struct field){ there.s, there.len }, comes);
  if (exists && !same && file == HARVEST_ME) {
    harvest_leave(&harvest, place, (struct field){ comes.s, comes.len - 1 }, "this host has a name already, which stays; qmail-setup rename NAME gives it another");
  } else if (!same || !exists) {
    plan_text_add(plan, &(struct plan_file){ false, target->path, { new.s, new.len } });
  }
  stralloc_free(&there);
  stralloc_free(&new);
}

static void plan_alias_file(stralloc *plan, char const *name, char const *text)
{
  stralloc path = STRALLOC_ZERO, there = STRALLOC_ZERO;
  text_set(&path, "alias/");
  text_add(&path, name);
  if (!change_read(&there, text_z(&path))) plan_text_add(plan, &(struct plan_file){ false, path.s, field_of(text) });
  else if (!field_is((struct field){ there.s, there.len }, text)) harvest_leave(&harvest, (struct harvest_place){ path.s, 0 }, field_of(text), "the file stays as it is: this is what should be in it");
  stralloc_free(&path);
  stralloc_free(&there);
}

static void plan_alias_files(stralloc *plan)
{
  for (size_t at = 0; at < harvest.alias_files.len;) {
    char const *name = harvest.alias_files.s + at;
    at += strlen(name) + 1;
    plan_alias_file(plan, name, harvest.alias_files.s + at);
    at += strlen(harvest.alias_files.s + at) + 1;
  }
}

static void plan_aliases(stralloc *plan)
{
  stralloc there = STRALLOC_ZERO;
  struct field text = { harvest.aliases.s, harvest.aliases.len };
  if (!change_read(&there, "/etc/aliases") || !field_same((struct field){ there.s, there.len }, text))
    plan_text_add(plan, &(struct plan_file){ false, "/etc/aliases", text });
  look_at_names(plan);
  harvest_alias_file(&harvest, ".qmail-default", BY_TABLE);
  stralloc_free(&there);
}

/* What control/locals names is delivered here, whatever virtualdomains says. */
static void look_at_locals(void)
{
  struct nameset locals = NAMESET_ZERO;
  struct nameset_line line;
  stralloc text = STRALLOC_ZERO, *virtual = &harvest.text[HARVEST_VIRTUALDOMAINS];
  change_read(&text, "control/locals");
  if (!nameset_list(&locals, text.s, text.len)) die_nomem();
  for (size_t at = 0; nameset_line_next(&line, virtual->s, virtual->len, &at, true);)
    if (nameset_has(&locals, line.name, line.name_len))
      harvest_leave(&harvest, (struct harvest_place){ "control/locals", 0 }, (struct field){ line.name, line.name_len },
                    "it is a virtual domain there: remove the line here, or its addresses are those of this host");
  nameset_free(&locals);
  stralloc_free(&text);
}

static void make_plan(stralloc *plan)
{
  look_at_locals();
  if (harvest.alias_files.len && !harvest.text[HARVEST_VIRTUAL].len)
    text_set(&harvest.text[HARVEST_VIRTUAL], "# user@domain: address, address; after a change: qmailctl cdb\n");
  for (int i = 0; i < HARVEST_FILES; i++) plan_file(plan, i);
  if (harvest.has_aliases) plan_aliases(plan);
  plan_alias_files(plan);
}

/* ---- done, or shown ---- */

static void show(stralloc const *plan)
{
  struct plan_file file;
  for (size_t at = 0; plan_text_next(&file, plan->s, plan->len, &at);) {
    say(file.is_removed ? "==> removed: " : "==> ", file.path, strlen(file.path));
    say("\n", file.text.s, file.text.len);
  }
}

static void show_left(void)
{
  struct field rest = { harvest.left.s, harvest.left.len };
  while (rest.len) {
    size_t len = (size_t)((char const *)memchr(rest.s, '\n', rest.len) - rest.s) + 1;
    say("left: ", rest.s, len);
    rest = (struct field){ rest.s + len, rest.len - len };
  }
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write standard output");
}

static bool run(char const *name, char const *argument)
{
  stralloc path = STRALLOC_ZERO;
  int wstat;
  text_set(&path, HOME "/bin/");
  text_add(&path, name);
  char const *const argv[] = { text_z(&path), argument, 0 };
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(111, "fork");
  if (pid == 0) {
    execv(path.s, (char *const *)argv);
    strerr_diefusys(111, "run ", path.s);
  }
  while (waitpid(pid, &wstat, 0) == -1)
    if (errno != EINTR) strerr_diefusys(111, "wait for ", name);
  stralloc_free(&path);
  return WIFEXITED(wstat) && !WEXITSTATUS(wstat);
}

/* Lists first, whose tables the one of aliases names. */
static int make_tables(void)
{
  bool good = true;
  for (size_t at = 0; at < harvest.includes.len; at += strlen(harvest.includes.s + at) + 1)
    if (!run("newinclude", harvest.includes.s + at)) good = false;
  if (harvest.has_aliases && !run("newaliases", 0)) good = false;
  if (!run("qmailctl", "cdb")) good = false;
  if (!good) strerr_warnw("some tables were not made: mend what was told, and run it again");
  else strerr_warni("done; qmailctl reload tells the services");
  return good ? 0 : 111;
}

/* ---- the queue ---- */

static int drain_queue(char const *system)
{
  struct drain_count count;
  char taken[UINT64_FMT], left[UINT64_FMT];
  bool good = drain(system, &count);
  taken[uint64_fmt(taken, count.taken)] = 0;
  left[uint64_fmt(left, count.left)] = 0;
  strerr_warni("took over ", taken, count.taken == 1 ? " message" : " messages");
  if (count.left) strerr_warnw(left, count.left == 1 ? " message is left" : " messages are left", " in its queue");
  return good && !count.left ? 0 : 111;
}

static int go_back(char const *system)
{
  if (!drain_back(system)) strerr_dief(111, "unable to start ", system);
  strerr_warni(system, " is started; what was taken over stays in this queue, and qmail-send delivers it");
  return 0;
}

int main(int argc, char const *const *argv)
{
  stralloc plan = STRALLOC_ZERO;
  PROG = "qmail-import";
  if (argc < 2) strerr_dieusage(100, USAGE);
  void (*import)(struct harvest *) = wanted(argv[1]);
  read_options(argc, argv);
  if (!dry_run && geteuid()) strerr_dief(100, "only root can do that; with --dry-run it is shown");
  umask(022);
  sig_altignore(SIGPIPE);
  enter_home();
  if (!dry_run) {
    lock_own_file_or_die(LOCK);
    if (change_go_on()) strerr_warni("what an earlier run has left undone is done");
  }
  if (deed == DRAIN) return drain_queue(argv[1]);
  if (deed == BACK) return go_back(argv[1]);
  import(&harvest);
  take_forward_files();
  make_plan(&plan);
  plan_text_end(&plan);
  if (dry_run) show(&plan);
  else change_do(&plan);
  stralloc_free(&plan);
  show_left();
  return dry_run ? 0 : make_tables();
}
