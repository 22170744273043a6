/* vlist: mailing lists of a virtual domain.

   runs as   root or the owner of the domain; root becomes the owner
   changes   by ezmlm-make and its kin: a directory for each list in the domain's, and links .qmail-LIST...
   exits     0 done, 1 no such list or domain, or as many lists as there may be, 100 wrong use, 111 trouble of the machine
*/

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "alias_files.h"
#include "child_start.h"
#include "command.h"
#include "die.h"
#include "json.h"
#include "limits.h"
#include "list_links.h"
#include "named.h"
#include "onchange.h"
#include "refuse.h"
#include "text.h"
#include "tree.h"
#include "vname.h"

#define USAGE "vlist [ -v ] [ --json ] [ --dry-run ] command ...\n" \
  "       vlist list|count domain\n" \
  "       vlist create|update list [ letters and options of ezmlm-make ]\n" \
  "       vlist delete|show|explain list\n" \
  "       vlist subscriber|moderator|digest|allow|kill list add|delete|list|count [ address ... ]"

enum { ARGUMENTS_MAX = 1000 };

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;
static struct command command;
static char *const *letters;        /* what is handed to ezmlm-make, up to a null */
static stralloc dir = STRALLOC_ZERO, dot = STRALLOC_ZERO, file = STRALLOC_ZERO;     /* of the list */
static bool has_link;               /* .qmail-LIST is a link to the list's directory */
static stralloc answer = STRALLOC_ZERO;
static uint64_t lists;

/* ---- programs of lists ---- */

static char const *arguments[ARGUMENTS_MAX + 1];
static size_t argument_count;

static void argument(char const *word)
{
  if (argument_count == ARGUMENTS_MAX) refuse_in_words(REFUSE_CALLER, "too many words");
  arguments[argument_count++] = word;
}

static void rest_of_words(int from)
{
  for (int i = from; i < command.count; i++) argument(command.words[i]);
}

static void add_letters(void)
{
  for (; *letters; letters++) argument(*letters);
}

static void only_say(void)
{
  for (size_t i = 0; i < argument_count; i++) {
    text_add(&answer, i ? " " : "");
    text_add(&answer, arguments[i]);
  }
  text_add(&answer, "\n");
  command_answer(&answer);
}

/* Its exit code. It has said itself what is wrong. */
static int run(char const *program)
{
  stralloc path = STRALLOC_ZERO;
  int wstat;
  arguments[argument_count] = 0;
  arguments[0] = program;
  if (command.dry_run) return only_say(), 0;
  text_set(&path, HOME "/bin/");
  text_add(&path, program);
  pid_t pid = child_spawn0(text_z(&path), arguments, (char const *const *)environ);
  if (!pid || wait_pid(pid, &wstat) != pid || !WIFEXITED(wstat)) strerr_diefusys(111, "run ", path.s);
  stralloc_free(&path);
  return WEXITSTATUS(wstat);
}

static void program_begin(void)
{
  argument_count = 1;
}

/* ---- which lists there are ---- */

static void show(char const *name)
{
  lists++;
  if (strcmp(command.words[0], "list") != 0) return;
  stralloc address = STRALLOC_ZERO;
  text_set(&address, name);
  text_add(&address, "@");
  text_add(&address, named.domain.real.s);
  if (command.json) text_add(&answer, lists > 1 ? "," : "[");
  if (!command.json) text_addx(&answer, &address);
  else if (!json_text(&answer, address.s, address.len)) die_nomem();
  if (!command.json) text_add(&answer, "\n");
  stralloc_free(&address);
}

static void finish_json(void)
{
  if (!command.json) return;
  text_add(&answer, lists ? "]\n" : "[]\n");
}

static int work_list(void)
{
  list_links_each(show);
  finish_json();
  command_answer(&answer);
  return 0;
}

static int work_count(void)
{
  list_links_each(show);
  text_addu(&answer, lists);
  text_add(&answer, "\n");
  command_answer(&answer);
  return 0;
}

/* ---- one list ---- */

static void set_places(void)
{
  refuse_unless_ok(vname_dotqmail(&file, named.user.s, named.user.len));
  text_set(&dir, named.domain.dir.s);
  text_add(&dir, "/");
  text_add(&dir, named.user.s);
  text_z(&dir);
  text_set(&dot, named.domain.dir.s);
  text_add(&dot, "/");
  text_add(&dot, file.s);
  text_z(&dot);
}

/* Who has made it by ezmlm-make may have it anywhere: it lies where its link leads, and what has its name here may be a mailbox. */
static void need_list(void)
{
  if (list_links_is_list(file.s)) {
    has_link = list_links_place(&dir, file.s);
    return;
  }
  text_set(&answer, "Error: no list ");
  text_add(&answer, named_address(&named));
  refuse_in_words(REFUSE_NO, text_z(&answer));
}

static bool is_there(char const *name)
{
  struct stat st;
  text_set(&answer, dir.s);
  text_add(&answer, name);
  return lstat(text_z(&answer), &st) == 0;
}

/* Whether what has its name in the domain's directory is the list. */
static bool lies_here(void)
{
  struct stat own, place;
  if (lstat(named.user.s, &own) == -1 || stat(dir.s, &place) == -1) return false;
  return own.st_dev == place.st_dev && own.st_ino == place.st_ino && (has_link || is_there("/key"));
}

static void refuse_elsewhere(void)
{
  text_set(&answer, has_link ? "Error: the list lies in " : "Error: there is no list in ");
  text_add(&answer, dir.s);
  text_add(&answer, ": remove by hand what shall go, and its .qmail file");
  refuse_in_words(REFUSE_NO, text_z(&answer));
}

/* A list takes mail before a mailbox does. */
static void refuse_taken(void)
{
  struct vpasswd record;
  stralloc space = STRALLOC_ZERO;
  struct stat st;
  if (lstat(file.s, &st) == 0) refuse_in_words(REFUSE_NO, "Error: there is a list or an alias of that name.");
  if (named_find(&named, &record, &space)) refuse(VCODE_USERNAME_EXISTS);
  stralloc_free(&space);
}

/* .qmail-x-default is the file of all that begins with x-, and a directory that is hidden is nobody's list. */
static void refuse_what_names_no_list(void)
{
  static char const rest[] = "-default";
  char const *name = named.user.s;
  size_t const len = strlen(name), end = sizeof rest - 1;
  if (*name == '.') refuse_in_words(REFUSE_NO, "Error: the name of a list does not begin with a dot.");
  if (!strcmp(name, rest + 1) || (len >= end && !strcmp(name + len - end, rest)))
    refuse_in_words(REFUSE_NO, "Error: a name that ends in default stands for all addresses, and is no list's.");
}

static void refuse_too_many(void)
{
  struct vlimits limits;
  int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (here == -1) strerr_diefusys(111, "open the directory of the domain");
  limits_read(&limits, here);
  fd_close(here);
  list_links_each(show);
  int64_t max = limits.value[VLIMIT_MAXMAILINGLISTS];
  if (max >= 0 && lists >= (uint64_t)max) refuse_in_words(REFUSE_NO, "Error: the domain has as many mailing lists as it may have.");
}

static int work_create(void)
{
  refuse_what_names_no_list();
  alias_files_lock();
  refuse_taken();
  refuse_too_many();
  program_begin();
  add_letters();
  argument(dir.s);
  argument(dot.s);
  argument(named.user.s);
  argument(named.domain.real.s);
  return run("ezmlm-make");
}

static int work_update(void)
{
  need_list();
  program_begin();
  argument("-+");
  add_letters();
  argument(dir.s);
  return run("ezmlm-make");
}

/* Nothing of it is left but what waits in the queue. Mail is not taken any more before the directory goes. */
static int work_delete(void)
{
  alias_files_lock();
  need_list();
  bool is_here = lies_here();
  if (!is_here && is_there("")) refuse_elsewhere();
  answer.len = 0;
  if (command_only_says("remove ", dir.s)) return 0;
  if (!list_links_remove(file.s, dir.s)) strerr_diefusys(111, "remove the links of ", dir.s);
  int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (here == -1 || (is_here && !tree_remove(here, named.user.s)) || fsync(here) == -1) strerr_diefusys(111, "remove ", dir.s);
  return 0;
}

/* It says 99 when it has said all. */
static int work_show(void)
{
  need_list();
  program_begin();
  argument("-S");
  if (command.json) argument("--json");
  argument(dir.s);
  int code = run("ezmlm-check");
  return code == 99 ? 0 : code;
}

/* ---- who is in it ---- */

static int change_table(char const *table)
{
  static struct { char const *word, *program, *option; } const changes[] = {
    { "add", "ezmlm-sub", 0 }, { "delete", "ezmlm-unsub", 0 }, { "list", "ezmlm-list", 0 }, { "count", "ezmlm-list", "-n" }
  };
  need_list();
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    if (strcmp(command.words[2], changes[i].word) != 0) continue;
    program_begin();
    if (changes[i].option) argument(changes[i].option);
    argument(dir.s);
    argument(table);
    rest_of_words(3);
    return run(changes[i].program);
  }
  command_usage(&command);
}

static int work_subscriber(void) { return change_table("."); }
static int work_moderator(void) { return change_table("mod"); }
static int work_digest(void) { return change_table("digest"); }
static int work_allow(void) { return change_table("allow"); }
static int work_kill(void) { return change_table("deny"); }

/* ---- verbs ---- */

static struct { char const *word; int (*work)(void); int words, most; bool of_domain; char const *told; } const verbs[] = {
  /* word          does             words  most           domain  told */
  { "list",        work_list,       2,     2,             true,   0 },
  { "count",       work_count,      2,     2,             true,   0 },
  { "create",      work_create,     2,     2,             false,  "addmailinglist" },
  { "update",      work_update,     2,     2,             false,  "modmailinglist" },
  { "delete",      work_delete,     2,     2,             false,  "delmailinglist" },
  { "show",        work_show,       2,     2,             false,  0 },
  { "explain",     work_show,       2,     2,             false,  0 },
  { "subscriber",  work_subscriber, 3,     ARGUMENTS_MAX, false,  0 },
  { "moderator",   work_moderator,  3,     ARGUMENTS_MAX, false,  0 },
  { "digest",      work_digest,     3,     ARGUMENTS_MAX, false,  0 },
  { "allow",       work_allow,      3,     ARGUMENTS_MAX, false,  0 },
  { "kill",        work_kill,       3,     ARGUMENTS_MAX, false,  0 },
  { 0 }
};

static int work(void *verb)
{
  return verbs[*(size_t *)verb].work();
}

static size_t verb_of(char const *word)
{
  for (size_t i = 0; verbs[i].word; i++) if (!strcmp(word, verbs[i].word)) return i;
  command_usage(&command);
}

static bool makes(char const *word) { return !strcmp(word, "create") || !strcmp(word, "update"); }

/* How many words are ours: all, but those behind the list that is made or changed. */
static int own_words(int argc, char *const *argv)
{
  char const *verb = 0;
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] == '-') continue;
    if (verb && makes(verb)) return i + 1;
    if (!verb) verb = argv[i];
  }
  return argc;
}

int main(int argc, char *const *argv)
{
  PROG = "vlist";
  int own = own_words(argc, argv);
  letters = argv + own;
  command = command_read(own, argv, options, USAGE);
  command_need_words(&command, 2, ARGUMENTS_MAX);
  size_t verb = verb_of(command.words[0]);
  command_need_words(&command, verbs[verb].words, verbs[verb].most);
  enter_home();
  if (verbs[verb].of_domain) named_read_domain(&named, command.words[1]);
  else named_read(&named, command.words[1]);
  if (!verbs[verb].of_domain) set_places();
  limits_site_read();
  int status = named_work(&named, work, &verb);
  if (!status && !command.dry_run && verbs[verb].told) onchange_script(verbs[verb].told, named_address(&named), 0);
  return status;
}
