#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "control.h"
#include "dotqmail.h"
#include "homes.h"
#include "instructions.h"
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

static enum whose_kind look_at_file(int home, char const *name)
{
  struct stat st;
  return fstatat(home, name, &st, 0) == 0 ? WHOSE_ACCOUNT : kind_of_error();
}

static enum whose_kind look_at_files(int home, struct whose *w)
{
  struct dotqmail_search search = { .dash = w->user.dash.s, .ext = w->user.ext.s, .name = w->file };
  enum whose_kind kind = WHOSE_NOBODY;
  int r = 1;
  while (kind == WHOSE_NOBODY && (r = dotqmail_next(&search)) == 1) kind = look_at_file(home, search.name.s);
  w->file = search.name;
  if (kind != WHOSE_ACCOUNT) w->file.len = 0;
  return r == -1 ? WHOSE_MAY_BE : kind;
}

/* In a home that may be written by others, or is being edited, mail waits. */
static bool is_open_to_mail(struct stat const *home)
{
  static stralloc patrn = STRALLOC_ZERO;
  static struct control const controls[] = {
    /* file     kind           goes to  when absent */
    { "patrn",  CONTROL_LINE,  &patrn,  "002" },
    { 0 }
  };
  char const *culprit;
  return control_load(controls, &culprit) && !(home->st_mode & (dotqmail_patrn(patrn.s, patrn.len) | S_ISVTX));
}

enum whose_kind whose_look_into(struct whose *w, int home)
{
  struct stat st;
  if (fstat(home, &st) == -1) return WHOSE_UNKNOWN_NOW;
  if (!is_open_to_mail(&st)) return WHOSE_MAY_BE;
  enum whose_kind kind = look_at_files(home, w);
  return kind == WHOSE_NOBODY && home_is_vacant(home, ".") ? WHOSE_UNKNOWN_NOW : kind;
}

/* A home that is not there is no proof: its file system may not be mounted. */
enum whose_kind whose_look_at_home(struct whose *w)
{
  int home = open(w->user.home.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return kind_of_error() == WHOSE_MAY_BE ? WHOSE_MAY_BE : WHOSE_UNKNOWN_NOW;
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
