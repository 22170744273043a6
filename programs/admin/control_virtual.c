#include <ctype.h>
#include <dirent.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "become.h"
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
static void check_value(struct findings *to, struct asking *a, struct control_line const *line,
                        char const *value, size_t len)
{
  stralloc begin = STRALLOC_ZERO;
  if (!find_account(a, value, len) || strcmp(a->user.name.s, "alias") != 0 || !a->user.ext.len) return;
  if (!dotqmail_name(&begin, "-", a->user.ext.s, a->user.ext.len - 1, "")) die_nomem();
  if (!has_file_for(a->user.home.s, &begin))
    problem_line(to, "virtualdomains", line, "no user here takes it, nor a file in ~alias, so that all mail is returned");
  stralloc_free(&begin);
}

void check_virtual_users(struct findings *to, struct control_dir const *dir)
{
  struct asking a = { .user = USER_ZERO, .box = STRALLOC_ZERO };
  stralloc const *text = &control_state_of(dir, "virtualdomains")->text;
  struct control_line line;
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *colon = memchr(line.s, ':', line.len);
    size_t len = colon ? line.len - (size_t)(colon + 1 - line.s) : 0;
    if (len && !judge_virtual(line.s, line.len)) check_value(to, &a, &line, colon + 1, len);
  }
}
