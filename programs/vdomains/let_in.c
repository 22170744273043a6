#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "auth_ask.h"
#include "become.h"
#include "let_in.h"
#include "scram.h"
#include "text.h"
#include "tree.h"
#include "user_home.h"
#include "users.h"
#include "users_ask.h"
#include "vname.h"

enum { PATIENCE_MS = 20000 };           /* less than a client has in qmail-popup */
enum { COUNT_MS = 2000, MARK_MAX = 32 };

static struct users_heard heard;
static bool has_proof;                  /* and not a password: our own stands before the home */
static stralloc domain = STRALLOC_ZERO;   /* of the login, or where it has none the one that is answered */

/* ---- the answer ---- */

static struct field variable(char const *name)
{
  char const *s = getenv(name);
  return field_of(s ? s : "");
}

static void domain_keep(struct credentials const *claim)
{
  stralloc user = STRALLOC_ZERO;
  if (!vname_split(&user, &domain, claim->login, claim->login_len)) die_nomem();
  stralloc_free(&user);
}

/* A guess, perhaps, while nobody can tell: it counts as those do of which that is known. Where nobody counts, nobody waits. */
static void count_guess(struct users_question const *asked)
{
  static struct auth_heard counted;
  char mark[MARK_MAX];
  struct auth_question q = { AUTH_MAY_TRY, asked->access, asked->name, asked->secret, { "", 0 }, asked->client_ip, asked->local_ip };
  if (auth_ask(&counted, &q, COUNT_MS) != AUTH_LET_IN || counted.answer.text.len > sizeof mark) return;
  q.verb = AUTH_HAS_FAILED;
  q.secret = (struct field){ mark, counted.answer.text.len };
  memcpy(mark, counted.answer.text.s, q.secret.len);
  if (auth_ask(&counted, &q, COUNT_MS) == AUTH_LET_IN) sleep(counted.answer.seconds);
}

void let_in_ask(struct let_in const *as, struct credentials const *claim)
{
  struct users_question const q = {
    .verb = USERS_PASSWORD, .access = as->access, .name = { claim->login, claim->login_len },
    .secret = { claim->password, claim->password_len }, .challenge = { claim->stamp, claim->stamp_len },
    .client_ip = variable("TCPREMOTEIP"), .local_ip = variable("TCPLOCALIP")
  };
  domain_keep(claim);
  has_proof = scram_is_exchange(q.challenge);
  enum users_said said = users_ask(&heard, &q, PATIENCE_MS);
  if (said == SAID_WRONG_LATELY) count_guess(&q);
  switch (said) {
    case SAID_LET_IN: return;
    case SAID_DENIED: _exit(as->denied);
    case SAID_WRONG: _exit(as->wrong);
    case SAID_NOT_YOURS: strerr_dief(as->trouble, "qmail-users tells only root whether a password is right");
    default: strerr_dief(as->trouble, "qmail-users cannot tell now: see its log");
  }
}

static char const *text_of(struct field f)
{
  stralloc text = STRALLOC_ZERO;
  text_addb(&text, f.s, f.len);
  return text_z(&text);
}

static char const *home_of(struct field home)
{
  char const *colon = has_proof && home.len ? memchr(home.s, ':', home.len) : 0;
  size_t const before = colon ? (size_t)(colon + 1 - home.s) : 0;
  return text_of((struct field){ home.s + before, home.len - before });
}

/* ---- turning into the owner ---- */

/* The service says whose mail it is, root's own table who that may be: else whoever gets hold of the service would be
   everybody. */
static void check_owner(int trouble)
{
  struct user owner = USER_ZERO;
  if (!domain.len) text_setb(&domain, heard.answer.domain.s, heard.answer.domain.len);
  text_addc(&domain, '-');
  enum users_result r = users_find_prefix(&owner, domain.s, domain.len);
  if (r == USERS_FOUND && owner.uid == heard.answer.uid && owner.gid == heard.answer.gid) return;
  if (r == USERS_TROUBLE) strerr_diefusys(trouble, "read ", "users/cdb");
  strerr_dief(trouble, "qmail-users names an owner whom users/cdb does not");
}

static void make_home(char const *home, int trouble)
{
  char const *name;
  int parent = tree_open_parent(home, &name);
  if (parent == -1) strerr_diefusys(trouble, "open the directory of ", home);
  if (user_home_make(parent, name) != VCODE_OK) strerr_diefusys(trouble, "make ", home);
  fd_close(parent);
}

static void become_owner(char const *home, int trouble)
{
  if (!become(heard.answer.uid, heard.answer.gid)) strerr_diefusys(trouble, "become the owner of ", home);
  if (chdir(home) == 0) return;
  if (errno == ENOENT) make_home(home, trouble);
  if (chdir(home) == -1) strerr_diefusys(trouble, "chdir to ", home);
}

static char const *environment_set(char const *home)
{
  static stralloc full = STRALLOC_ZERO;
  char const *user = text_of(heard.answer.user);
  text_set(&full, user);
  text_addc(&full, '@');
  text_addb(&full, heard.answer.domain.s, heard.answer.domain.len);
  if (setenv("USER", user, 1) || setenv("HOME", home, 1)) die_nomem();
  if (setenv("SHELL", "NOLOGIN", 1) || setenv("VPOPUSER", text_z(&full), 1)) die_nomem();
  return full.s;
}

char const *let_in_become(struct let_in const *as, bool reads_mail)
{
  check_owner(as->trouble);
  char const *home = home_of(heard.answer.home);
  if (reads_mail) become_owner(home, as->trouble);
  return environment_set(home);
}
