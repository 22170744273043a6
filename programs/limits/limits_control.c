#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "limit_wire.h"
#include "limits_control.h"
#include "log_text.h"

enum { LOGGED_MAX = 200 };

static stralloc text = STRALLOC_ZERO;

static struct control const controls[] = {
  /* file      kind           goes to  when absent */
  { "limits",  CONTROL_TEXT,  &text,   "login recipients 5000/day" },
  { 0 }
};

/* By what a file is told from the one before. */
struct looks { struct timespec written; ino_t number; off_t size; int error; };

static struct looks look(void)
{
  struct stat st;
  struct looks l;
  memset(&l, 0, sizeof l);
  if (stat("control/limits", &st) == -1) l.error = errno;
  else l.written = st.st_mtim, l.number = st.st_ino, l.size = st.st_size;
  return l;
}

static void wrong(struct field line, char const *why)
{
  stralloc shown = STRALLOC_ZERO;
  if (log_text(&shown, line.s, line.len, LOGGED_MAX) && log_text(&shown, "", 1, 1)) {
    shown.s[shown.len - 1] = 0;
    strerr_warnw("control/limits: ", why, ": ", shown.s);
  }
  stralloc_free(&shown);
}

/* Sessions of strangers look for it, so that where nothing limits them they ask nothing. */
static void mark_addresses(bool has)
{
  int fd = has ? open(LIMIT_ADDRESSES, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644) : -1;
  if (has && fd == -1) strerr_warnwusys("make ", LIMIT_ADDRESSES);
  if (fd != -1) fd_close(fd);
  if (!has) unlink(LIMIT_ADDRESSES);
}

/* What could not be read is tried again at each look, and told once. */
static bool load(struct limit_set *set)
{
  static bool told;
  char const *culprit = "control/limits";
  bool loaded = control_load(controls, &culprit) && limit_set_read(set, text.s, text.len, wrong);
  if (!loaded && !told) strerr_warnwusys("read ", culprit);
  told = !loaded;
  return loaded;
}

void limits_control_look(struct limit_set *set)
{
  static struct looks last;
  static bool known;
  struct looks const now = look();
  if (known && !memcmp(&now, &last, sizeof now)) return;
  known = load(set);
  last = now;
  if (known) mark_addresses(limit_set_has_addresses(set));
}
