#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "control.h"
#include "dotqmail.h"
#include "homes.h"
#include "instructions.h"
#include "list_address.h"
#include "whose_internal.h"

/* As a delivery sees them: absence, which every user sees alike; rights, which he may have; and trouble. */
static enum whose_kind kind_of_error(void)
{
  switch (errno) {
    case ENOENT: case ENOTDIR: case ELOOP: case ENAMETOOLONG: return WHOSE_NOBODY;
    case EACCES: case EPERM: return WHOSE_MAY_BE;
    default: return WHOSE_UNKNOWN_NOW;
  }
}

/* ---- mailing lists ---- */

/* Whether the file is a link into the list to whose manager the other one leads. */
static bool is_bouncer_of(int home, stralloc const *name, size_t stem, char const *manager, size_t dir)
{
  static char const ending[] = "return-default", file[] = "bouncer";
  static stralloc other = STRALLOC_ZERO;
  char target[PATH_MAX];
  if (!bytes_setb(&other, name->s, stem) || !bytes_add(&other, ending) || !bytes_z(&other)) return false;
  ssize_t len = readlinkat(home, other.s, target, sizeof target);
  return len == (ssize_t)(dir + sizeof file - 1) && !memcmp(target, manager, dir) && !memcmp(target + dir, file, sizeof file - 1);
}

/* A list's directory is its owner's alone, so that the links as ezmlm-make makes them must do. Its manager answers what it does not
   know with help, to whoever is the sender: that is not wanted of what may be any address. */
static bool is_no_address_of_list(int home, struct dotqmail_search const *search)
{
  static char const file[] = "manager";
  char target[PATH_MAX];
  char const *rest = search->default_part;
  size_t stem;
  ssize_t len = readlinkat(home, search->name.s, target, sizeof target);
  if (len <= 0 || !list_address_is_manager(search->name.s, target, (size_t)len, &stem)) return false;
  if (!is_bouncer_of(home, &search->name, stem, target, (size_t)len - (sizeof file - 1))) return false;
  return !rest || !list_address_known(rest, strlen(rest));
}

/* ---- files ---- */

static enum whose_kind look_at_file(int home, struct dotqmail_search const *search, bool *ends)
{
  struct stat st;
  if (fstatat(home, search->name.s, &st, AT_SYMLINK_NOFOLLOW) == -1) return kind_of_error();
  if (!S_ISLNK(st.st_mode)) return WHOSE_ACCOUNT;
  *ends = is_no_address_of_list(home, search);
  if (*ends) return WHOSE_NOBODY;
  return fstatat(home, search->name.s, &st, 0) == 0 ? WHOSE_ACCOUNT : kind_of_error();
}

static enum whose_kind look_at_files(int home, struct whose *w)
{
  struct dotqmail_search search = { .dash = w->user.dash.s, .ext = w->user.ext.s, .name = w->file };
  enum whose_kind kind = WHOSE_NOBODY;
  bool ends = false;
  int r = 1;
  while (kind == WHOSE_NOBODY && !ends && (r = dotqmail_next(&search)) == 1) kind = look_at_file(home, &search, &ends);
  w->file = search.name;
  if (kind != WHOSE_ACCOUNT) w->file.len = 0;
  return r == -1 ? WHOSE_MAY_BE : kind;
}

static stralloc patrn = STRALLOC_ZERO;
static struct control const controls[] = {
  /* file     kind           goes to  when absent */
  { "patrn",  CONTROL_LINE,  &patrn,  "002" },
  { 0 }
};

/* In a home that may be written by others, or is being edited, mail waits. */
static bool is_open_to_mail(struct stat const *home)
{
  return !(home->st_mode & (dotqmail_patrn(patrn.s, patrn.len) | S_ISVTX));
}

static enum whose_kind unseen(void)
{
  return kind_of_error() == WHOSE_MAY_BE ? WHOSE_MAY_BE : WHOSE_UNKNOWN_NOW;
}

enum whose_kind whose_look_into(struct whose *w, int home)
{
  struct stat st;
  char const *culprit;
  if (fstat(home, &st) == -1) return WHOSE_UNKNOWN_NOW;
  if (!control_load(controls, &culprit)) return unseen();
  if (!is_open_to_mail(&st)) return WHOSE_MAY_BE;
  enum whose_kind kind = look_at_files(home, w);
  return kind == WHOSE_NOBODY && home_is_vacant(home, ".") ? WHOSE_UNKNOWN_NOW : kind;
}

/* A home that is not there is no proof: its file system may not be mounted. */
enum whose_kind whose_look_at_home(struct whose *w)
{
  int home = open(w->user.home.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return unseen();
  enum whose_kind kind = whose_look_into(w, home);
  fd_close(home);
  return kind;
}

/* ---- what the file does ---- */

static bool has_only_addresses(char const *s, size_t len)
{
  struct instruction in;
  size_t at = 0, addresses = 0;
  while (instruction_next(&in, s, len, &at)) {
    addresses += in.kind == INSTRUCTION_FORWARD;
    if (in.kind == INSTRUCTION_BLANK_FIRST || in.kind == INSTRUCTION_PROGRAM || in.kind == INSTRUCTION_MAILDIR
        || in.kind == INSTRUCTION_MBOX) return false;
  }
  return addresses > 0;
}

static ssize_t read_file(int home, char const *name, char *to, size_t max)
{
  int fd = openat(home, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return -1;
  size_t len = allread(fd, to, max);
  fd_close(fd);
  return len < max ? (ssize_t)len : -1;
}

bool whose_is_forward(struct whose const *w)
{
  static char text[WHOSE_FILE_MAX];
  int home = open(w->user.home.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  ssize_t len = home == -1 ? -1 : read_file(home, w->file.s, text, sizeof text);
  if (home != -1) fd_close(home);
  return len > 0 && has_only_addresses(text, (size_t)len);
}
