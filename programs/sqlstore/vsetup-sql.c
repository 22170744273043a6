/* vsetup-sql: the statements that make the table of users of virtual domains on a server, and what is wrong with one.

   runs as   root, which becomes vpopmail before it reads a file of its; qmail-store-NAME check is who asks the server
   reads     etc/vpopmail.mysql or etc/vpopmail.pgsql in the home of vpopmail, HOME/control/usersbackend
   changes   nothing: the statements go to descriptor 1, for the client of the server
   exits     0 done and nothing is wrong, 1 something is wrong, 100 wrong use, 111 trouble of the machine
*/

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "die.h"
#include "helper.h"
#include "home.h"
#include "json.h"
#include "passwd.h"
#include "server_file.h"
#include "setup_text.h"
#include "store_choice.h"
#include "store_names.h"
#include "text.h"

#define USAGE "vsetup-sql sqlite | mysql | pgsql, or vsetup-sql --check [ --json ] [ backend ]"

enum { HEARD_MAX = 1 << 20, CHECK_MS = 60000 };

static bool is_check = false, is_json = false;
static char const *backend = 0;
static uid_t uid;
static gid_t gid;
static stralloc out = STRALLOC_ZERO;

static void flush(void)
{
  if (allwrite(1, out.s, out.len) != out.len) strerr_diefusys(111, "write");
  out.len = 0;
}

static void find_account(stralloc *home)
{
  struct passwd const *pw;
  if (passwd_find(&pw, "vpopmail") != PASSWD_FOUND || pw->pw_dir[0] != '/') strerr_dief(111, "no account vpopmail with a home");
  uid = pw->pw_uid;
  gid = pw->pw_gid;
  text_set(home, pw->pw_dir);
}

/* ---- statements ---- */

static struct { char const *name; enum setup_kind kind; } const kinds[] = {
  { "sqlite", SETUP_SQLITE }, { "mysql", SETUP_MYSQL }, { "pgsql", SETUP_PGSQL }
};

static enum setup_kind kind_of(char const *name)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, name) == 0) return kinds[i].kind;
  strerr_dieusage(100, USAGE);
}

static void be_vpopmail(void)
{
  if (geteuid() == 0 && !become(uid, gid)) strerr_diefusys(111, "become vpopmail");
}

/* A password in a file that anybody has read already is none for a server. */
static void read_file(struct server_file *text, char const *path)
{
  char const *fault;
  struct server_file_rule const rule = server_file_of_vpopmail(uid, gid);
  if (server_file_read(text, &fault, path, &rule)) return;
  if (errno != ENOENT) strerr_dief(1, path, ": ", fault);
  strerr_dief(1, path, " is missing: it is a line host|port-or-socket|user|password|database, mode 640, owner root, group of vpopmail");
}

static void read_line(struct server_line *to, struct server_file const *text, char const *path, bool for_changes)
{
  char const *fault;
  if (!server_line_parse(to, &fault, text->text, text->len, for_changes)) strerr_dief(1, path, ": ", fault);
}

static void say_statements(void)
{
  static struct server_file text;
  static struct server_line changes, reads;
  static stralloc path = STRALLOC_ZERO;
  enum setup_kind kind = kind_of(backend);
  char const *fault;
  bool split = false;
  find_account(&path);
  be_vpopmail();
  text_add(&path, "/etc/vpopmail.");
  text_add(&path, backend);
  text_z(&path);
  if (kind != SETUP_SQLITE) {
    read_file(&text, path.s);
    split = server_line_is_split(text.text, text.len);
    read_line(&changes, &text, path.s, true);
    if (split) read_line(&reads, &text, path.s, false);
  }
  if (!setup_text(&out, &fault, kind, &changes, split ? &reads : 0)) fault ? strerr_dief(1, path.s, ": ", fault) : die_nomem();
  flush();
}

/* ---- checking ---- */

static _Noreturn void run_helper(char const *name, int to)
{
  static stralloc path = STRALLOC_ZERO;
  text_set(&path, HOME "/bin/qmail-store-");
  text_add(&path, name);
  char *const argv[] = { text_z(&path), HELPER_CHECK, 0 };
  if (fd_move(1, to) == -1) strerr_diefusys(111, "begin");
  be_vpopmail();
  execv(path.s, argv);
  strerr_diefusys(111, "run ", path.s);
}

/* All that is said, until it ends. */
static void hear(stralloc *to, int fd)
{
  char bytes[4096];
  size_t n;
  while (to->len < HEARD_MAX && (n = allread(fd, bytes, sizeof bytes))) text_addb(to, bytes, n);
  fd_close(fd);
}

static int ask_helper(stralloc *heard, char const *name)
{
  int p[2], wstat;
  if (pipe2(p, 02000000) == -1) strerr_diefusys(111, "make a pipe");
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(111, "fork");
  if (!pid) {
    alarm(CHECK_MS / 1000);
    run_helper(name, p[1]);
  }
  fd_close(p[1]);
  heard->len = 0;
  hear(heard, p[0]);
  if (wait_pid(pid, &wstat) == -1) strerr_diefusys(111, "wait");
  return WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 111;
}

static void add_json(struct field what, struct field todo, bool first)
{
  text_add(&out, first ? "{\"what\":" : ",{\"what\":");
  if (!json_text(&out, what.s, what.len)) die_nomem();
  text_add(&out, ",\"todo\":");
  if (!json_text(&out, todo.s, todo.len)) die_nomem();
  text_addc(&out, '}');
}

static void add_plain(char const *name, struct field what, struct field todo)
{
  text_add(&out, name);
  text_add(&out, ": ");
  text_addb(&out, what.s, what.len);
  text_add(&out, ": ");
  text_addb(&out, todo.s, todo.len);
  text_addc(&out, '\n');
}

static void add_complaints(char const *name, stralloc const *heard)
{
  bool first = true;
  for (size_t at = 0; at < heard->len; first = false) {
    char const *line = heard->s + at, *end = memchr(line, '\n', heard->len - at);
    size_t const len = end ? (size_t)(end - line) : heard->len - at;
    char const *tab = memchr(line, '\t', len);
    struct field const what = { line, tab ? (size_t)(tab - line) : len };
    struct field const todo = { line + what.len + (tab != 0), len - what.len - (tab != 0) };
    if (is_json) add_json(what, todo, first);
    else add_plain(name, what, todo);
    at += len + 1;
  }
}

static int check_one(char const *name)
{
  static stralloc heard = STRALLOC_ZERO;
  int status = ask_helper(&heard, name);
  if (status > 1) return status;
  if (is_json) text_add(&out, "{\"backend\":\"");
  if (is_json) text_add(&out, name);
  if (is_json) text_add(&out, "\",\"complaints\":[");
  add_complaints(name, &heard);
  if (is_json) text_add(&out, "]}\n");
  else if (!status) text_add(&out, name), text_add(&out, ": nothing is wrong\n");
  flush();
  return status;
}

static int check_named(void)
{
  static stralloc text = STRALLOC_ZERO;
  struct store const *store, *seen[8] = { 0 };
  size_t count = 0;
  int worst = 0;
  if (store_choice_read(&text) == -1) strerr_diefusys(111, "read ", "control/usersbackend");
  for (size_t at = 0; (store = store_choice_next(text.s, text.len, &at));) {
    size_t i = 0;
    while (i < count && seen[i] != store) i++;
    if (i < count || count == sizeof seen / sizeof *seen) continue;
    seen[count++] = store;
    int status = check_one(store->name);
    if (status > worst) worst = status;
  }
  if (!count) strerr_warni("control/usersbackend names no database");
  return worst;
}

static void read_options(int argc, char const *const *argv)
{
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--check") == 0) is_check = true;
    else if (strcmp(argv[i], "--json") == 0) is_json = true;
    else if (argv[i][0] == '-' || backend) strerr_dieusage(100, USAGE);
    else backend = argv[i];
  }
  if (!is_check && (!backend || is_json)) strerr_dieusage(100, USAGE);
  if (!backend) return;
  enum store_kind const kind = store_kind_of(backend, strlen(backend));
  if (kind == STORE_KINDS || kind == STORE_CDB) strerr_dieusage(100, USAGE);
}

int main(int argc, char const *const *argv)
{
  static stralloc home = STRALLOC_ZERO;
  PROG = "vsetup-sql";
  read_options(argc, argv);
  if (!is_check) return say_statements(), 0;
  find_account(&home);
  enter_home();
  return backend ? check_one(backend) : check_named();
}
