#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/bytestr.h>

#include "control.h"
#include "getpw.h"
#include "temporary.h"

enum { ENTRY_MAX = 65536 };   /* bytes of an account's line */

/* The name service hides some failures behind "not found"; what it does tell must not bounce mail. */
static enum getpw_result account(struct passwd const **pw, struct getpw *to, char const *name)
{
  static char text[ENTRY_MAX];
  static struct passwd entry;
  struct passwd *found;
  to->culprit = name;
  errno = getpwnam_r(name, &entry, text, sizeof text, &found);
  *pw = found;
  if (!found && errno) to->doubtful = true;
  return !found && (temporary(errno) || errno == ERANGE) ? GETPW_DATABASE : GETPW_FOUND;
}

static enum getpw_result owns_home(bool *owns, struct getpw *to, struct passwd const *pw)
{
  struct stat st;
  *owns = stat(pw->pw_dir, &st) == 0 && st.st_uid == pw->pw_uid;
  if (*owns || !errno) return GETPW_FOUND;
  if (errno != ENOENT && errno != ENOTDIR) to->doubtful = true;
  to->culprit = pw->pw_dir;
  return temporary(errno) ? GETPW_HOMES_AWAY : GETPW_FOUND;
}

/* The account that the first len bytes of the box name, null if it may have no mail. */
static enum getpw_result mail_user(struct passwd const **pw, struct getpw *to, char const *box, size_t len)
{
  static char name[ACCOUNT_MAX + 1];
  bool owns = false;
  *pw = 0;
  if (len > ACCOUNT_MAX) return GETPW_FOUND;
  memcpy(name, box, len);
  name[len] = 0;
  case_lowerb(name, len);
  enum getpw_result r = account(pw, to, name);
  if (r != GETPW_FOUND || !*pw) return r;
  errno = 0;
  if ((*pw)->pw_uid) r = owns_home(&owns, to, *pw);
  if (!owns) *pw = 0;
  return r;
}

static bool text(stralloc *to, char const *s, size_t len)
{
  if (!stralloc_copyb(to, s, len) || !stralloc_0(to)) return false;
  to->len--;
  return true;
}

static enum getpw_result answer(struct getpw *to, struct passwd const *pw, char const *dash, char const *ext, size_t ext_len)
{
  struct user *u = &to->user;
  u->uid = pw->pw_uid;
  u->gid = pw->pw_gid;
  return text(&u->name, pw->pw_name, strlen(pw->pw_name)) && text(&u->home, pw->pw_dir, strlen(pw->pw_dir)) &&
         text(&u->dash, dash, strlen(dash)) && text(&u->ext, ext, ext_len) ? GETPW_FOUND : GETPW_NOMEM;
}

int getpw_load(struct getpw *to, char const **culprit)
{
  struct control const controls[] = { { "breakchars", CONTROL_LINE, &to->breaks, "-" }, { 0 } };
  return control_load(controls, culprit);
}

/* The whole box first, then what stands before each break, from right to left. Whatever the break is, the dash of the
   answer is a hyphen: joe+list and joe-list are both .qmail-list. */
enum getpw_result getpw_find(struct getpw *to, char const *box, size_t box_len)
{
  struct passwd const *pw;
  size_t whole = byte_chr(box, box_len, 0);
  to->doubtful = false;
  for (size_t len = whole + 1; len--;) {
    if (len < whole && byte_chr(to->breaks.s, to->breaks.len, box[len]) == to->breaks.len) continue;
    enum getpw_result r = mail_user(&pw, to, box, len);
    if (r != GETPW_FOUND) return r;
    if (!pw) continue;
    return len == whole ? answer(to, pw, "", "", 0) : answer(to, pw, "-", box + len + 1, whole - len - 1);
  }
  enum getpw_result r = account(&pw, to, "alias");
  if (r != GETPW_FOUND) return r;
  return pw ? answer(to, pw, "-", box, whole) : GETPW_NO_ALIAS;
}
