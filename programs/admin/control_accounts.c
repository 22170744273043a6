#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "control_check.h"
#include "fields.h"
#include "homes.h"
#include "nsswitch.h"
#include "text.h"

#define PASSWD "/etc/passwd"
#define ASSIGN "users/assign"
#define NSSWITCH "/etc/nsswitch.conf"

/* ---- the order of name services ---- */

static void tell_order(struct findings *to, struct nsswitch_service const *s)
{
  stralloc text = STRALLOC_ZERO;
  text_addb(&text, s->name, s->len);
  text_add(&text, " is asked before files: while it is down its accounts do not exist, and their mail is returned;"
                  " write files first");
  finding_add(to, &(struct finding){ .where = NSSWITCH, .line = s->line, .text = text_z(&text) });
  stralloc_free(&text);
}

static void check_order(struct findings *to)
{
  static char const *const databases[] = { "passwd", "shadow" };
  stralloc text = STRALLOC_ZERO;
  struct nsswitch_service s;
  if (openslurpclose(&text, NSSWITCH))
    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++)
      if (nsswitch_before_files(&s, databases[i], text.s, text.len)) tell_order(to, &s);
  stralloc_free(&text);
}

/* ---- homes ---- */

enum { HOMES_TOLD = 10 };

/* What is wrong with many homes is mostly one thing, so that only a few are told. */
static struct told { struct findings *to; size_t count; stralloc homes; } told;

static bool is_told(char const *home)
{
  for (size_t i = 0; i < told.homes.len; i += strlen(told.homes.s + i) + 1)
    if (!strcmp(told.homes.s + i, home)) return true;
  return false;
}

static void tell_home(char const *source, size_t line, char const *whose, char const *home, char const *what)
{
  stralloc text = STRALLOC_ZERO;
  if (is_told(home) || told.count++ >= HOMES_TOLD) return;
  text_addb(&told.homes, home, strlen(home) + 1);
  text_set(&text, "mail for ");
  text_add(&text, whose);
  text_add(&text, " waits: ");
  text_add(&text, home);
  text_add(&text, what);
  finding_add(told.to, &(struct finding){ .where = source, .line = line, .text = text_z(&text) });
  stralloc_free(&text);
}

static void tell_away(char const *source, size_t line, char const *whose, char const *home)
{
  stralloc what = STRALLOC_ZERO;
  if (errno) {
    text_set(&what, ": ");
    text_add(&what, strerror(errno));
    text_add(&what, "; is it mounted?");
  } else text_set(&what, " is an empty directory of root: is it mounted?");
  tell_home(source, line, whose, home, text_z(&what));
  stralloc_free(&what);
}

static void look_as(uid_t uid, gid_t gid)
{
  if (seteuid(0) == -1 || setegid(gid) == -1 || seteuid(uid) == -1) strerr_diefusys(111, "change the user");
}

/* Root looks as qmail-getpw does, who may not enter every directory. */
static void check_homes_of_people(void)
{
  struct passwd const *pw = getuid() == 0 ? getpwnam("qmailp") : 0;
  FILE *file = fopen(PASSWD, "re");
  bool as_myself = !pw;
  if (!file) return;
  if (!as_myself) look_as(pw->pw_uid, pw->pw_gid);
  while ((pw = fgetpwent(file)))
    if (home_state(pw->pw_dir, pw->pw_uid) == HOME_AWAY) tell_away(PASSWD, 0, pw->pw_name, pw->pw_dir);
  if (!as_myself) look_as(0, 0);
  fclose(file);
}

/* Nobody but the deliveries enters these. */
static bool is_away(char const *home)
{
  struct stat st;
  if (stat(home, &st) == -1) return true;
  errno = 0;
  return home_is_vacant(AT_FDCWD, home);
}

enum { LOCAL, USER, UID, GID, USER_HOME, ASSIGN_PARTS };

static void check_assigned_home(size_t number, char const *line, size_t len)
{
  static stralloc user = STRALLOC_ZERO, home = STRALLOC_ZERO;
  struct field f[ASSIGN_PARTS + 1];
  if (fields_split(f, ASSIGN_PARTS + 1, line, len) <= ASSIGN_PARTS || *f[USER_HOME].s != '/') return;
  if (home.len == f[USER_HOME].len && !memcmp(home.s, f[USER_HOME].s, home.len)) return;
  text_setb(&user, f[USER].s, f[USER].len);
  text_setb(&home, f[USER_HOME].s, f[USER_HOME].len);
  if (is_away(text_z(&home))) tell_away(ASSIGN, number, text_z(&user), home.s);
}

static void check_assigned_homes(void)
{
  char *line = 0;
  size_t room = 0, number = 0;
  FILE *file = fopen(ASSIGN, "re");
  if (!file) return;
  for (ssize_t len; (len = getline(&line, &room, file)) > 0 && line[0] != '.';)
    check_assigned_home(++number, line, (size_t)len);
  free(line);
  fclose(file);
}

static void check_homes(struct findings *to)
{
  stralloc text = STRALLOC_ZERO;
  told = (struct told){ .to = to };
  check_homes_of_people();
  check_assigned_homes();
  if (told.count > HOMES_TOLD) {
    text_set(&text, "and so are ");
    text_addu(&text, told.count - HOMES_TOLD);
    text_add(&text, " homes more");
    finding_add(to, &(struct finding){ .where = PASSWD, .text = text_z(&text) });
  }
  stralloc_free(&text);
  stralloc_free(&told.homes);
}

void check_accounts(struct findings *to)
{
  check_order(to);
  check_homes(to);
}
