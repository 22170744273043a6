#include <ctype.h>
#include <dirent.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "become.h"
#include "child_looks.h"
#include "control_check.h"
#include "dotqmail.h"
#include "getpw.h"
#include "text.h"

/* Who gets mail for virtual domains: a line's value is the begin of an address on this host. */

enum { ASKED_MAX = 500 };     /* accounts that are asked for, each with a process */

struct asking {
  struct user user;
  stralloc box;
  unsigned asked;
};

/* Root asks as qmail-lspawn does. */
static bool become_qmailp(void)
{
  struct passwd const *pw = getpwnam("qmailp");
  return geteuid() != 0 || (pw && become(pw->pw_uid, pw->pw_gid));
}

/* The account of VALUE-x, whatever x is. False when that is not known. */
static bool find_account(struct asking *a, char const *value, size_t len)
{
  int wstat;
  a->box.len = 0;
  for (size_t i = 0; i < len; i++) text_addc(&a->box, (char)tolower((unsigned char)value[i]));
  text_add(&a->box, "-x");
  switch (users_find(&a->user, text_z(&a->box), a->box.len)) {
    case USERS_FOUND: return true;
    case USERS_NOBODY: return a->asked++ < ASKED_MAX && getpw_ask(&a->user, a->box.s, become_qmailp, &wstat) == 1;
    default: return false;
  }
}

static bool ends_in_default(char const *name, char const *begin, size_t begin_len)
{
  size_t len = strlen(name), stem = len - strlen("default");
  return len > strlen("default") && stem <= begin_len && !memcmp(name, begin, stem) &&
    name[stem - 1] == '-' && !strcmp(name + stem, "default");
}

/* Whether some .qmail file there may take an address that begins so; when nobody can tell, it may. */
static bool has_file_for(char const *home, stralloc const *begin)
{
  DIR *dir = opendir(home);
  bool found = !dir;
  for (struct dirent const *d; !found && (d = readdir(dir));)
    found = !strncmp(d->d_name, begin->s, begin->len) || ends_in_default(d->d_name, begin->s, begin->len);
  if (dir) closedir(dir);
  return found;
}

/* The user alias gets what no account does, by the files in his home. */
static bool is_lost(struct asking *a, char const *value, size_t len)
{
  stralloc begin = STRALLOC_ZERO;
  if (!find_account(a, value, len) || strcmp(a->user.name.s, "alias") != 0 || !a->user.ext.len) return false;
  if (!dotqmail_name(&begin, "-", a->user.ext.s, a->user.ext.len - 1, "")) die_nomem();
  bool lost = !has_file_for(a->user.home.s, &begin);
  stralloc_free(&begin);
  return lost;
}

/* The lines that name somebody. */
struct values {
  struct control_line *lines;
  size_t count;
  struct findings *to;
  struct asking asking;
};

static void look_at_value(stralloc *said, size_t i, void *values)
{
  struct values *v = values;
  char const *colon = memchr(v->lines[i].s, ':', v->lines[i].len);
  if (is_lost(&v->asking, colon + 1, v->lines[i].len - (size_t)(colon + 1 - v->lines[i].s)))
    text_add(said, "no user here takes it, nor a file in ~alias, so that all mail is returned");
}

static void tell_value(size_t i, char const *said, void *values)
{
  struct values *v = values;
  if (!said) said = "who takes it could not be found out within 10 seconds: a name service or a home does not answer";
  if (*said) problem_line(v->to, "virtualdomains", v->lines + i, said);
}

static void value_add(struct values *v, struct control_line const *line)
{
  char const *colon = memchr(line->s, ':', line->len);
  if (!colon || colon + 1 == line->s + line->len || judge_virtual(line->s, line->len)) return;
  v->lines = reallocarray(v->lines, v->count + 1, sizeof *v->lines);
  if (!v->lines) die_nomem();
  v->lines[v->count++] = *line;
}

void check_virtual_users(struct findings *to, struct control_dir const *dir)
{
  struct values v = { .to = to, .asking = { .user = USER_ZERO, .box = STRALLOC_ZERO } };
  stralloc const *text = &control_state_of(dir, "virtualdomains")->text;
  struct control_line line;
  for (size_t at = 0; control_next_entry(text, &at, &line);) value_add(&v, &line);
  size_t seen = child_looks(&(struct child_looks){ v.count, look_at_value, tell_value, &v });
  if (seen < v.count) problem_line(to, "virtualdomains", v.lines + seen, "this line and those below were not looked at");
  free(v.lines);
}
