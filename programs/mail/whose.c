#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <skalibs/djbunix.h>

#include "address.h"
#include "dotqmail.h"
#include "getpw.h"
#include "local_exit.h"
#include "mark.h"
#include "nameset_cdb.h"
#include "people.h"
#include "route.h"
#include "whose_internal.h"

/* ---- where it goes ---- */

static struct route_table routes;

/* A cdb may be of any size. */
static bool is_moderate(char const *file)
{
  struct stat st;
  struct nameset cdb;
  if (stat(file, &st) == -1 || st.st_size <= WHOSE_ROUTES_MAX) return true;
  bool has_cdb = nameset_cdb_open(&cdb, file, &st, true);
  nameset_free(&cdb);
  return has_cdb;
}

static bool routes_are_known(void)
{
  static enum { UNREAD, KNOWN, UNKNOWN } state = UNREAD;
  static unsigned long questions = 0;
  char const *culprit;
  if (state == UNREAD) {
    bool moderate = is_moderate("control/locals") && is_moderate("control/virtualdomains");
    state = moderate && route_load_text(&routes, &culprit) ? KNOWN : UNKNOWN;
  }
  if (state == KNOWN && questions++ == WHOSE_MAP_AFTER && !route_make_map(&routes)) state = UNKNOWN;
  return state == KNOWN;
}

/* ---- an account ---- */

/* A user's own address has a default; nobody delivers as root; a site's own qmail-local may do as it likes. */
static enum whose_kind look_at_user(struct whose *w, char const *box, enum whose_depth depth)
{
  if (!w->user.uid) return WHOSE_MAY_BE;
  if (depth == WHOSE_AT_THE_DOOR && !w->user.dash.len) return WHOSE_ACCOUNT;
  enum whose_kind kind = whose_look_at_home(w);
  if (kind == WHOSE_ACCOUNT) kind = whose_ask_table(w, box);
  if (kind == WHOSE_NOBODY && !w->user.dash.len) kind = WHOSE_ACCOUNT;
  bool is_proof = kind == WHOSE_NOBODY || kind == WHOSE_UNKNOWN_NOW;
  return is_proof && !mark_found("bin/qmail-local", "qmail-local") ? WHOSE_MAY_BE : kind;
}

static bool could_not_look(int wstat)
{
  int code = WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 0;
  return code == LOCAL_EXIT_HOMES_AWAY || code == LOCAL_EXIT_SYSTEM;
}

static enum whose_kind look_by_getpw(struct whose *w, char const *box, enum whose_depth depth)
{
  int wstat;
  switch (getpw_ask(&w->user, box, 0, &wstat)) {
    case 1: return look_at_user(w, box, depth);
    case 0: return could_not_look(wstat) ? WHOSE_UNKNOWN_NOW : WHOSE_MAY_BE;
    default: return WHOSE_MAY_BE;
  }
}

/* ---- the sources ---- */

static enum whose_kind ask_assigned(struct whose *w, char const *box, enum whose_depth depth)
{
  switch (users_find(&w->user, box, strlen(box))) {
    case USERS_FOUND: break;
    case USERS_NOBODY: return WHOSE_NOT_MINE;
    default: return WHOSE_MAY_BE;
  }
  enum whose_kind kind = whose_ask_service(w, box);
  if (kind != WHOSE_NOT_MINE) return kind;
  bool at_once = depth == WHOSE_IN_FULL || !w->user.dash.len;
  return at_once ? look_at_user(w, box, depth) : whose_look_apart(look_at_user, w, box);
}

/* A mere hint, without the name service, which would bring the dynamic loader into every session. */
static enum whose_kind ask_people(struct whose *w, char const *box, enum whose_depth depth)
{
  (void)w;
  return depth == WHOSE_AT_THE_DOOR && people_in_file("/etc/passwd", box) ? WHOSE_MAY_BE : WHOSE_NOT_MINE;
}

static bool is_alias(char const *box)
{
  struct dotqmail_search search = { .dash = "-", .ext = box };
  struct stat st;
  int alias = open("alias", O_PATH | O_DIRECTORY | O_CLOEXEC);
  bool asked = alias != -1 && dotqmail_next(&search) == 1;
  bool found = asked && (fstatat(alias, search.name.s, &st, 0) == 0 || errno == EACCES);      /* in a mailing list, say */
  if (alias != -1) fd_close(alias);
  stralloc_free(&search.name);
  return found;
}

static enum whose_kind ask_alias(struct whose *w, char const *box, enum whose_depth depth)
{
  (void)w;
  return depth == WHOSE_AT_THE_DOOR && is_alias(box) ? WHOSE_MAY_BE : WHOSE_NOT_MINE;
}

static enum whose_kind ask_getpw(struct whose *w, char const *box, enum whose_depth depth)
{
  return depth == WHOSE_IN_FULL ? look_by_getpw(w, box, depth) : whose_look_apart(look_by_getpw, w, box);
}

/* In this order; the first that does not say "not mine" has the answer. What is at hand comes first: all else costs a
   process. */
static struct {
  char const *name;
  whose_look *ask;
} const sources[] = {
  { "users/assign", ask_assigned },
  { "/etc/passwd",  ask_people },
  { "alias",        ask_alias },
  { "qmail-getpw",  ask_getpw },
};

/* ---- the question ---- */

static enum whose_kind ask_sources(struct whose *w, char const *box, enum whose_depth depth)
{
  enum whose_kind kind = WHOSE_NOT_MINE;
  for (size_t i = 0; kind == WHOSE_NOT_MINE && i < sizeof sources / sizeof *sources; i++) {
    w->source = sources[i].name;
    kind = sources[i].ask(w, box, depth);
  }
  return kind == WHOSE_ACCOUNT && w->file.len && whose_is_forward(w) ? WHOSE_FORWARD : kind;
}

static enum whose_kind ask(struct whose *w, char const *address, size_t len, enum whose_depth depth)
{
  if (!routes_are_known()) return WHOSE_MAY_BE;
  int channel = route_surely(&routes, &w->address, address, len);
  if (channel != CHANNEL_LOCAL) return channel == CHANNEL_REMOTE ? WHOSE_ELSEWHERE : WHOSE_MAY_BE;
  size_t at = address_at(w->address.s, w->address.len);
  if (!at || at == w->address.len) return WHOSE_MAY_BE;     /* an empty box takes everything and keeps nothing */
  w->address.s[at] = 0;
  return ask_sources(w, w->address.s, depth);
}

enum whose_kind whose_ask(struct whose *w, char const *address, size_t len, enum whose_depth depth)
{
  w->source = 0;
  w->file.len = 0;
  w->kind = ask(w, address, len, depth);
  return w->kind;
}
