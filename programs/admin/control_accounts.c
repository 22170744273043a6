#include <dirent.h>
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
#include "dotqmail.h"
#include "fields.h"
#include "homes.h"
#include "nsswitch.h"
#include "text.h"

#define PASSWD "/etc/passwd"
#define ASSIGN "users/assign"
#define NSSWITCH "/etc/nsswitch.conf"

/* ---- the order of name services ---- */

static void tell_order(struct findings *to, size_t line, struct nsswitch_service const *s)
{
  stralloc text = STRALLOC_ZERO;
  text_addb(&text, s->s, s->len);
  text_add(&text, " is asked before files: while it is slow or down accounts of this host are found late, and to most"
                  " programs its own do not exist; write files first");
  finding_add(to, &(struct finding){ .where = NSSWITCH, .line = line, .text = text_z(&text) });
  stralloc_free(&text);
}

static void check_order(struct findings *to)
{
  static char const *const databases[] = { "passwd", "shadow" };
  stralloc text = STRALLOC_ZERO;
  struct nsswitch_service s;
  if (!openslurpclose(&text, NSSWITCH)) text.len = 0;
  for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
    struct nsswitch_list list = nsswitch_list(databases[i], text.s, text.len);
    if (nsswitch_before_files(&s, &list)) tell_order(to, list.line, &s);
  }
  stralloc_free(&text);
}

/* ---- homes ---- */

enum { HOMES_TOLD = 10 };

/* What is wrong with many homes is mostly one thing, so that only a few are told. */
static struct told {
  struct findings *to;
  size_t count;
  stralloc homes;
  mode_t forbidden;       /* by control/patrn */
} told;

struct home { char const *source, *whose, *dir; size_t line; };

static bool is_told(char const *home)
{
  for (size_t i = 0; i < told.homes.len; i += strlen(told.homes.s + i) + 1)
    if (!strcmp(told.homes.s + i, home)) return true;
  return false;
}

static void tell_home(struct home const *h, char const *what)
{
  stralloc text = STRALLOC_ZERO;
  if (is_told(h->dir) || told.count++ >= HOMES_TOLD) return;
  text_addb(&told.homes, h->dir, strlen(h->dir) + 1);
  text_set(&text, "mail for ");
  text_add(&text, h->whose);
  text_add(&text, " waits: ");
  text_add(&text, h->dir);
  text_add(&text, what);
  finding_add(told.to, &(struct finding){ .where = h->source, .line = h->line, .text = text_z(&text) });
  stralloc_free(&text);
}

static void tell_away(struct home const *h)
{
  stralloc what = STRALLOC_ZERO;
  if (errno) {
    text_set(&what, ": ");
    text_add(&what, strerror(errno));
    text_add(&what, "; is it mounted?");
  } else text_set(&what, " is an empty directory of root: is it mounted?");
  tell_home(h, text_z(&what));
  stralloc_free(&what);
}

static void tell_open(struct home const *h, char const *file, mode_t mode)
{
  stralloc what = STRALLOC_ZERO;
  char number[32];
  if (file) text_set(&what, "/");
  if (file) text_add(&what, file);
  snprintf(number, sizeof number, "%03o", mode & 0777);
  text_add(&what, " may be written by others: its mode is ");
  text_add(&what, number);
  snprintf(number, sizeof number, "%03o", told.forbidden);
  text_add(&what, ", and control/patrn forbids ");
  text_add(&what, number);
  tell_home(h, text_z(&what));
  stralloc_free(&what);
}

static void check_file(struct home const *h, int dir, char const *name)
{
  struct stat st;
  if (strncmp(name, ".qmail", 6) != 0 || fstatat(dir, name, &st, 0) == -1 || !S_ISREG(st.st_mode)) return;
  if (st.st_mode & told.forbidden) tell_open(h, name, st.st_mode);
}

/* Nothing here is opened but the directory. */
static void check_rights(struct home const *h)
{
  struct stat st;
  int fd = open(h->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = fd == -1 ? 0 : fdopendir(fd);
  if (!list) {
    if (fd != -1) fd_close(fd);
    return;
  }
  if (fstat(fd, &st) == 0 && st.st_mode & told.forbidden) tell_open(h, 0, st.st_mode);
  for (struct dirent const *d; (d = readdir(list));) check_file(h, fd, d->d_name);
  closedir(list);
}

/* ---- of whom ---- */

static void look_as(uid_t uid, gid_t gid)
{
  if (seteuid(0) == -1 || setegid(gid) == -1 || seteuid(uid) == -1) strerr_diefusys(111, "change the user");
}

/* Root looks as qmail-getpw does, who may not enter every directory. */
static enum home_state state_of(struct passwd const *pw, struct passwd const *getpw)
{
  if (getpw) look_as(getpw->pw_uid, getpw->pw_gid);
  enum home_state state = home_state(pw->pw_dir, pw->pw_uid);
  int e = errno;
  if (getpw) look_as(0, 0);
  errno = e;
  return state;
}

static void check_homes_of_people(void)
{
  struct passwd const *found = getuid() == 0 ? getpwnam("qmailp") : 0, *pw;
  struct passwd const getpw = found ? *found : (struct passwd){ 0 };
  FILE *file = fopen(PASSWD, "re");
  if (!file) return;
  while ((pw = fgetpwent(file))) {
    struct home const h = { .source = PASSWD, .whose = pw->pw_name, .dir = pw->pw_dir };
    enum home_state state = state_of(pw, found ? &getpw : 0);
    if (state == HOME_AWAY) tell_away(&h);
    else if (state == HOME_OWNED && pw->pw_uid) check_rights(&h);
  }
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
  if (home.len && home.len == f[USER_HOME].len && !memcmp(home.s, f[USER_HOME].s, home.len)) return;
  text_setb(&user, f[USER].s, f[USER].len);
  text_setb(&home, f[USER_HOME].s, f[USER_HOME].len);
  struct home const h = { .source = ASSIGN, .line = number, .whose = text_z(&user), .dir = text_z(&home) };
  if (is_away(h.dir)) tell_away(&h);
  else check_rights(&h);
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

static mode_t forbidden_bits(struct control_dir const *dir)
{
  stralloc value = STRALLOC_ZERO;
  bool is_default;
  control_value(dir, control_file_of("patrn"), &value, &is_default);
  mode_t bits = dotqmail_patrn(value.s, value.len);
  stralloc_free(&value);
  return bits;
}

static void check_homes(struct findings *to, struct control_dir const *dir)
{
  stralloc text = STRALLOC_ZERO;
  told = (struct told){ .to = to, .forbidden = forbidden_bits(dir) };
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

void check_accounts(struct findings *to, struct control_dir const *dir)
{
  check_order(to);
  check_homes(to, dir);
}
