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

#include "child_looks.h"
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

/* ---- homes: which there are ---- */

enum { HOMES_TOLD = 10 };

struct home { char const *source, *whose, *dir; size_t line; uid_t uid; };      /* a line only from users/assign */

/* What is wrong with many homes is mostly one thing, so that only a few are told. */
static struct homes {
  struct home *list;
  size_t count, room;
  struct findings *to;
  size_t told_count;
  stralloc told;          /* directories */
  mode_t forbidden;       /* by control/patrn */
} homes;

static char const *kept(char const *s, size_t len)
{
  char *copy = strndup(s, len);
  if (!copy) die_nomem();
  return copy;
}

static void home_add(struct home h)
{
  if (homes.count == homes.room) {
    homes.room = homes.room ? 2 * homes.room : 64;
    homes.list = reallocarray(homes.list, homes.room, sizeof *homes.list);
    if (!homes.list) die_nomem();
  }
  homes.list[homes.count++] = h;
}

static void add_homes_of_people(void)
{
  struct passwd const *pw;
  FILE *file = fopen(PASSWD, "re");
  if (!file) return;
  while ((pw = fgetpwent(file)))
    home_add((struct home){ .source = PASSWD, .whose = kept(pw->pw_name, strlen(pw->pw_name)),
                            .dir = kept(pw->pw_dir, strlen(pw->pw_dir)), .uid = pw->pw_uid });
  fclose(file);
}

enum { LOCAL, USER, UID, GID, USER_HOME, ASSIGN_PARTS };

static void add_assigned_home(size_t number, char const *line, size_t len)
{
  struct field f[ASSIGN_PARTS + 1];
  struct home const *last = homes.count ? homes.list + homes.count - 1 : 0;
  if (fields_split(f, ASSIGN_PARTS + 1, line, len) <= ASSIGN_PARTS || *f[USER_HOME].s != '/') return;
  size_t dir_len = f[USER_HOME].len;
  if (last && last->line && !strncmp(last->dir, f[USER_HOME].s, dir_len) && !last->dir[dir_len]) return;
  home_add((struct home){ .source = ASSIGN, .line = number, .whose = kept(f[USER].s, f[USER].len),
                          .dir = kept(f[USER_HOME].s, dir_len) });
}

static void add_assigned_homes(void)
{
  char *line = 0;
  size_t room = 0, number = 0;
  FILE *file = fopen(ASSIGN, "re");
  if (!file) return;
  for (ssize_t len; (len = getline(&line, &room, file)) > 0 && line[0] != '.';)
    add_assigned_home(++number, line, (size_t)len);
  free(line);
  fclose(file);
}

/* ---- looking at one, in a child ---- */

static void say_away(stralloc *said)
{
  int e = errno;
  text_add(said, e ? ": " : " is an empty directory of root");
  if (e) text_add(said, strerror(e));
  text_add(said, e ? "; is it mounted?" : ": is it mounted?");
}

static void say_open(stralloc *said, char const *file, mode_t mode)
{
  char number[32];
  if (file) text_add(said, "/");
  if (file) text_add(said, file);
  snprintf(number, sizeof number, "%03o", mode & 0777);
  text_add(said, " may be written by others: its mode is ");
  text_add(said, number);
  snprintf(number, sizeof number, "%03o", homes.forbidden);
  text_add(said, ", and control/patrn forbids ");
  text_add(said, number);
}

static void look_at_file(stralloc *said, int dir, char const *name)
{
  struct stat st;
  if (strncmp(name, ".qmail", 6) != 0 || fstatat(dir, name, &st, 0) == -1 || !S_ISREG(st.st_mode)) return;
  if (st.st_mode & homes.forbidden) say_open(said, name, st.st_mode);
}

/* Nothing here is opened but the directory. The first thing that is wrong is told. */
static void look_at_rights(stralloc *said, char const *home)
{
  struct stat st;
  int fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = fd == -1 ? 0 : fdopendir(fd);
  if (!list) {
    if (fd != -1) fd_close(fd);
    return;
  }
  if (fstat(fd, &st) == 0 && st.st_mode & homes.forbidden) say_open(said, 0, st.st_mode);
  for (struct dirent const *d; !said->len && (d = readdir(list));) look_at_file(said, fd, d->d_name);
  closedir(list);
}

static void look_as(uid_t uid, gid_t gid)
{
  if (seteuid(0) == -1 || setegid(gid) == -1 || seteuid(uid) == -1) strerr_diefusys(111, "change the user");
}

/* Root looks as qmail-getpw does, who may not enter every directory. */
static enum home_state state_of(struct home const *h)
{
  static struct passwd const *getpw;
  if (!getpw && getuid() == 0) getpw = getpwnam("qmailp");
  if (getpw) look_as(getpw->pw_uid, getpw->pw_gid);
  enum home_state state = home_state(h->dir, h->uid);
  int e = errno;
  if (getpw) look_as(0, 0);
  errno = e;
  return state;
}

static void look_at_persons(stralloc *said, struct home const *h)
{
  enum home_state state = state_of(h);
  if (state == HOME_AWAY) say_away(said);
  else if (state == HOME_OWNED && h->uid) look_at_rights(said, h->dir);
}

/* Nobody but the deliveries enters these. */
static bool is_away(char const *home)
{
  struct stat st;
  if (stat(home, &st) == -1) return true;
  errno = 0;
  return home_is_vacant(AT_FDCWD, home);
}

static void look_at_home(stralloc *said, size_t i, void *data)
{
  struct home const *h = homes.list + i;
  (void)data;
  if (!h->line) look_at_persons(said, h);
  else if (is_away(h->dir)) say_away(said);
  else look_at_rights(said, h->dir);
}

/* ---- telling ---- */

static bool is_told(char const *home)
{
  for (size_t i = 0; i < homes.told.len; i += strlen(homes.told.s + i) + 1)
    if (!strcmp(homes.told.s + i, home)) return true;
  return false;
}

static void tell_home(size_t i, char const *said, void *data)
{
  struct home const *h = homes.list + i;
  stralloc text = STRALLOC_ZERO;
  (void)data;
  if (!said) said = " did not answer within 10 seconds; is its server up?";
  if (!*said || is_told(h->dir) || homes.told_count++ >= HOMES_TOLD) return;
  text_addb(&homes.told, h->dir, strlen(h->dir) + 1);
  text_set(&text, "mail for ");
  text_add(&text, h->whose);
  text_add(&text, " waits: ");
  text_add(&text, h->dir);
  text_add(&text, said);
  finding_add(homes.to, &(struct finding){ .where = h->source, .line = h->line, .text = text_z(&text) });
  stralloc_free(&text);
}

static void tell_rest(char const *before, size_t count, char const *behind)
{
  stralloc text = STRALLOC_ZERO;
  text_set(&text, before);
  text_addu(&text, count);
  text_add(&text, behind);
  finding_add(homes.to, &(struct finding){ .where = PASSWD, .text = text_z(&text) });
  stralloc_free(&text);
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
  homes = (struct homes){ .to = to, .forbidden = forbidden_bits(dir) };
  add_homes_of_people();
  add_assigned_homes();
  size_t seen = child_looks(&(struct child_looks){ homes.count, look_at_home, tell_home, 0 });
  if (homes.told_count > HOMES_TOLD) tell_rest("and so are ", homes.told_count - HOMES_TOLD, " homes more");
  if (seen < homes.count) tell_rest("", homes.count - seen, " homes more were not looked at, since too many do not answer");
  stralloc_free(&homes.told);
}

void check_accounts(struct findings *to, struct control_dir const *dir)
{
  check_order(to);
  check_homes(to, dir);
}
