/* qmail-pw2u: turn a passwd file into lines for users/assign.

   runs as   the administrator
   reads     passwd lines on fd 0; control/breakchars; users/include, exclude, mailnames, subusers, append
   writes    users/assign lines on fd 1, the ending dot included
   exits     0 done, 100 wrong usage, 111 anything else
*/

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "assign.h"
#include "control.h"
#include "die.h"
#include "fields.h"
#include "homes.h"
#include "nameset.h"
#include "temporary.h"
#include "text.h"

#define USAGE "qmail-pw2u [ -/ohHuUC ] [ -cchar ]"

enum { LINE_MAX_BYTES = 65536 };
enum { NAME, PASSWORD, UID, GID, GECOS, HOME_DIRECTORY, SHELL, PASSWD_FIELDS };
enum { SUB, SUB_USER, SUB_PRE, SUB_REST, SUB_FIELDS };

static enum { HOMES_OWNED, HOMES_MUST_EXIST, HOMES_UNSEEN } homes = HOMES_OWNED;
static bool upper_case_too;
static bool extensions = true;
static stralloc breaks = STRALLOC_ZERO;       /* each may stand between a name and its extension */
static char const *only_break;                /* -c */
static char const *dash = "-";

static stralloc subusers = STRALLOC_ZERO, append = STRALLOC_ZERO;
static struct nameset include = NAMESET_ZERO, exclude = NAMESET_ZERO, mailnames = NAMESET_ZERO;
static bool include_only;
static bool alias_seen;
static struct control const controls[] = {
  /* file          kind           goes to   when absent */
  { "breakchars",  CONTROL_LINE,  &breaks,  "-" },
  { 0 }
};

static stralloc accounts = STRALLOC_ZERO;     /* "user:user:uid:gid:home\n" of all that were written */

/* ---- users/ files ---- */

/* False if there is none. */
static bool read_if_there(stralloc *to, char const *path)
{
  if (openslurpclose(to, path)) return true;
  if (errno != ENOENT) strerr_diefusys(111, "read controls: ", path);
  return false;
}

static bool names_read(struct nameset *set, char const *path, int (*parse)(struct nameset *, char const *, size_t))
{
  stralloc text = STRALLOC_ZERO;
  bool there = read_if_there(&text, path);
  if (!parse(set, text.s, text.len)) die_nomem();
  stralloc_free(&text);
  return there;
}

static void controls_read(void)
{
  include_only = names_read(&include, "users/include", nameset_list);
  names_read(&exclude, "users/exclude", nameset_list);
  names_read(&mailnames, "users/mailnames", nameset_map);
  read_if_there(&subusers, "users/subusers");
  read_if_there(&append, "users/append");
  control_load_or_die(controls);
  if (only_break) text_set(&breaks, only_break);
  if (!extensions) breaks.len = 0;
}

/* ---- writing ---- */

static void put(char const *s, size_t len)
{
  if (buffer_put(buffer_1, s, len) != (ssize_t)len) strerr_diefusys(111, "write output");
}

static void puts_all(char const *s)
{
  put(s, strlen(s));
}

/* "=name:user:uid:gid:home:dash:ext:", account being the four in the middle, end what follows the name. */
static void put_line(char const *sign, struct field name, struct field end, struct field account, char const *dashes,
                     struct field ext)
{
  puts_all(sign);
  put(name.s, name.len);
  put(end.s, end.len);
  puts_all(":");
  put(account.s, account.len);
  puts_all(":");
  puts_all(dashes);
  puts_all(":");
  put(ext.s, ext.len);
  puts_all(":\n");
}

static struct field const nothing = { "", 0 };

/* ---- what is left out ---- */

static void add_field(stralloc *to, struct field f)
{
  text_addb(to, f.s, f.len);
}

static void tell_left_out(char const *where, uint64_t line, char const *why)
{
  char number[UINT64_FMT + 1];
  number[uint64_fmt(number, line)] = 0;
  strerr_warnw(where, " line ", number, " is left out: ", why);
}

/* Why qmail-newu would refuse a line for this name, and the whole table with it; or null. */
static char const *why_unfit(struct field name, struct field account)
{
  static stralloc line = STRALLOC_ZERO;
  struct assign a;
  if (!name.len) return "it has no name";
  text_set(&line, "=");
  add_field(&line, name);
  text_add(&line, ":");
  add_field(&line, account);
  text_add(&line, ":::");
  return assign_parse(&a, line.s, line.len);
}

/* One line for each break; what follows it is appended to pre. */
static void put_extensions(struct field name, struct field account, struct field pre)
{
  for (size_t i = 0; i < breaks.len; i++)
    put_line("+", name, (struct field){ breaks.s + i, 1 }, account, dash, pre);
}

static void put_name(struct field name, struct field account)
{
  put_line("=", name, nothing, account, "", nothing);
  put_extensions(name, account, nothing);
}

static void tell_unfit_name(struct field account, char const *why)
{
  static stralloc whose = STRALLOC_ZERO;
  text_setb(&whose, account.s, account.len);
  strerr_warnw("a name of ", text_z(&whose), " in users/mailnames is left out: ", why);
}

/* The names mail may use for the account: those in users/mailnames, or its own. */
static void put_names(struct field name, struct field account)
{
  struct field rest, next;
  rest.s = nameset_value(&mailnames, name.s, name.len, &rest.len);
  if (!rest.s) {
    put_name(name, account);
    return;
  }
  do {
    struct field parts[2] = { nothing, nothing };
    fields_split(parts, 2, rest.s, rest.len);
    next = parts[0];
    rest = parts[1];
    char const *why = next.len ? why_unfit(next, account) : 0;
    if (why) tell_unfit_name(name, why);
    else if (next.len) put_name(next, account);
  } while (rest.len);
}

/* ---- accounts ---- */

static bool has_upper_case(struct field name)
{
  for (size_t i = 0; i < name.len; i++)
    if (name.s[i] >= 'A' && name.s[i] <= 'Z') return true;
  return false;
}

static char const NOT_WANTED[] = "";      /* by an option, a file, or what it is: nobody need be told */

static char const *why_homeless(struct field const *f)
{
  static stralloc home = STRALLOC_ZERO;
  struct stat st;
  if (homes == HOMES_UNSEEN) return 0;
  text_setb(&home, f[HOME_DIRECTORY].s, f[HOME_DIRECTORY].len);
  if (stat(text_z(&home), &st) == -1 && (homes == HOMES_MUST_EXIST || temporary(errno)))
    strerr_diefusys(111, "stat ", home.s);
  switch (home_state(home.s, (uid_t)strtoul(f[UID].s, 0, 10))) {
    case HOME_OWNED: return 0;
    case HOME_NONE: return NOT_WANTED;
    case HOME_AWAY: break;
  }
  return "its home is not there; is it mounted?";
}

/* Null for an account that may have mail. */
static char const *why_unwanted(struct field const *f)
{
  if (!field_is_id(f[UID]) || !field_is_id(f[GID])) return "its uid or gid is no number";
  if (field_is_zero(f[UID])) return NOT_WANTED;
  if (!upper_case_too && has_upper_case(f[NAME])) return NOT_WANTED;
  if (include_only && !nameset_has(&include, f[NAME].s, f[NAME].len)) return NOT_WANTED;
  if (nameset_has(&exclude, f[NAME].s, f[NAME].len)) return NOT_WANTED;
  return why_homeless(f);
}

/* "user:uid:gid:home", appended. */
static void add_account(stralloc *to, struct field const *f)
{
  add_field(to, f[NAME]);
  text_add(to, ":");
  add_field(to, f[UID]);
  text_add(to, ":");
  add_field(to, f[GID]);
  text_add(to, ":");
  add_field(to, f[HOME_DIRECTORY]);
}

static void put_account(struct field const *f, struct field whole)
{
  if (f[NAME].len == 5 && !memcmp(f[NAME].s, "alias", 5)) {
    alias_seen = true;
    put_line("+", nothing, nothing, whole, dash, nothing);
  }
  put_names(f[NAME], whole);
  add_field(&accounts, f[NAME]);
  text_add(&accounts, ":");
  add_account(&accounts, f);
  text_add(&accounts, "\n");
}

/* Why there are no lines for it, or null. */
static char const *passwd_line(char const *line, size_t len)
{
  static stralloc account = STRALLOC_ZERO;
  struct field f[PASSWD_FIELDS];
  if (line[0] == '+' || line[0] == '-') return NOT_WANTED;      /* nsswitch.conf(5), compat */
  if (memchr(line, 0, len)) return "it holds a NUL";
  if (fields_split(f, PASSWD_FIELDS, line, len) < PASSWD_FIELDS) return "it has fewer than seven fields";
  char const *why = why_unwanted(f);
  if (why) return why;
  account.len = 0;
  add_account(&account, f);
  struct field whole = { account.s, account.len };
  why = why_unfit(f[NAME], whole);
  if (!why) put_account(f, whole);
  return why;
}

static void passwd_read(void)
{
  static char line[LINE_MAX_BYTES];
  for (uint64_t number = 1;; number++) {
    size_t len = 0;
    ssize_t r = getlnmax(buffer_0, line, sizeof line, &len, '\n');
    if (r == -1) strerr_diefusys(111, "read input");
    if (r == 1) len--;
    char const *why = len ? passwd_line(line, len) : 0;
    if (why && *why) tell_left_out("input", number, why);
    if (r == 0) return;
  }
}

/* ---- subusers and the end ---- */

static void put_subuser(struct field const *f, struct field account)
{
  static stralloc pre = STRALLOC_ZERO;
  put_line("=", f[SUB], nothing, account, dash, f[SUB_PRE]);
  text_setb(&pre, f[SUB_PRE].s, f[SUB_PRE].len);
  text_addc(&pre, '-');
  put_extensions(f[SUB], account, (struct field){ pre.s, pre.len });
}

/* sub:user:pre: and nothing counts without its last colon. Why it does not, or null. */
static char const *subuser(struct nameset const *known, char const *line, size_t len)
{
  static stralloc name = STRALLOC_ZERO;
  struct field f[SUB_FIELDS], account;
  if (fields_split(f, SUB_FIELDS, line, len) < SUB_FIELDS) return "it has fewer than three colons";
  account.s = nameset_value(known, f[SUB_USER].s, f[SUB_USER].len, &account.len);
  if (!account.s) {
    text_setb(&name, f[SUB_USER].s, f[SUB_USER].len);
    strerr_dief(111, "unable to find ", text_z(&name), " user for subuser");
  }
  char const *why = why_unfit(f[SUB], account);
  if (!why) put_subuser(f, account);
  return why;
}

static void subusers_write(void)
{
  static struct nameset known = NAMESET_ZERO;
  uint64_t number = 1;
  if (!nameset_map(&known, accounts.s, accounts.len)) die_nomem();
  for (size_t at = 0, end; at < subusers.len; at = end + 1, number++) {
    char const *line = subusers.s + at;
    end = at + byte_chr(line, subusers.len - at, '\n');
    char const *why = end > at ? subuser(&known, line, end - at) : 0;
    if (why && *line != '#') tell_left_out("users/subusers", number, why);
  }
}

static void end_write(void)
{
  put(append.s, append.len);
  if (append.len && append.s[append.len - 1] != '\n') puts_all("\n");
  puts_all(".\n");
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write output");
}

static void break_set(char const *s)
{
  if (!s[0] || s[1] || strchr(":\n", s[0])) strerr_dieusage(100, USAGE);
  only_break = s;
}

static void option(int o, char const *argument)
{
  switch (o) {
    case '/': dash = "-/"; break;
    case 'o': homes = HOMES_OWNED; break;
    case 'h': homes = HOMES_MUST_EXIST; break;
    case 'H': homes = HOMES_UNSEEN; break;
    case 'u': upper_case_too = true; break;
    case 'U': upper_case_too = false; break;
    case 'C': extensions = false; break;
    case 'c': extensions = true; break_set(argument); break;
    default: strerr_dieusage(100, USAGE);
  }
}

static void options(int argc, char const *const *argv)
{
  subgetopt l = SUBGETOPT_ZERO;
  int o;
  while ((o = subgetopt_r(argc, argv, "/ohHuUCc:", &l)) != -1) option(o, l.arg);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-pw2u";
  options(argc, argv);
  enter_home();
  controls_read();
  passwd_read();
  if (!alias_seen) strerr_dief(111, "unable to find alias user");
  subusers_write();
  end_write();
  return 0;
}
