#include <errno.h>
#include <string.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "account_login.h"
#include "attempt.h"
#include "box.h"
#include "bytes.h"
#include "control.h"
#include "credentials.h"
#include "crowd.h"
#include "decoy.h"
#include "foreign.h"
#include "frozen.h"
#include "log_text.h"
#include "login_place.h"
#include "scram.h"
#include "unwaited.h"
#include "users.h"
#include "users_ask.h"
#include "vname.h"

enum { PATIENCE_MS = 20000, LOGGED_MAX = 255, LOGIN_MAX = 255 };

static stralloc checker = STRALLOC_ZERO, account = STRALLOC_ZERO, signature = STRALLOC_ZERO;

static struct control const controls[] = {
  /* file              kind           goes to    when absent */
  { "checkpassword",   CONTROL_LINE,  &checker,  "checkpassword" },
  { 0 }
};

/* How it ended; the account is whose login it is, and why is for the log. It may be a guess though nobody can tell. */
struct ending { enum auth_said said; char const *why; bool is_guess; };

static struct ending trouble(char const *why)
{
  return (struct ending){ .said = AUTH_TROUBLE, .why = why };
}

/* ---- users of virtual domains ---- */

/* Of an answer to a proof: ours stands before the home. */
static bool keep_signature(struct field home)
{
  char const *colon = home.len ? memchr(home.s, ':', home.len) : 0;
  return colon && bytes_setb(&signature, home.s, (size_t)(colon - home.s));
}

static bool is_named(struct users_answer const *a, struct auth_question const *q)
{
  account.len = signature.len = 0;
  if (scram_is_exchange(q->challenge) && !keep_signature(a->home)) return false;
  return bytes_addb(&account, a->user.s, a->user.len) && bytes_addc(&account, '@')
    && bytes_addb(&account, a->domain.s, a->domain.len);
}

static uid_t usual_owner;

void attempt_know_owner(uid_t vpopmail)
{
  usual_owner = vpopmail;
}

/* The one process that each other account has for this is in its hands, and may stand still: its domains never keep more than
   half of our workers. */
static bool enter_crowd(struct field login)
{
  static stralloc user = STRALLOC_ZERO, prefix = STRALLOC_ZERO;
  static struct user owner = USER_ZERO;
  if (!vname_split(&user, &prefix, login.s, login.len) || !bytes_addc(&prefix, '-')) return false;
  enum users_result r = users_find_prefix(&owner, prefix.s, prefix.len);
  if (r != USERS_FOUND || owner.uid == usual_owner) return r == USERS_FOUND || r == USERS_NOBODY;
  return bytes_setb(&prefix, (char const *)&owner.uid, sizeof owner.uid) && crowd_enter(&prefix);
}

static struct ending of_virtual(struct auth_question const *q)
{
  static struct users_heard heard;
  struct users_question const asked = {
    .verb = USERS_PASSWORD, .access = q->access, .name = q->login, .secret = q->secret, .challenge = q->challenge,
    .client_ip = q->client_ip, .local_ip = q->local_ip
  };
  if (!enter_crowd(q->login)) return trouble("the owner of the domain is slow, or cannot be found");
  enum users_said said = users_ask(&heard, &asked, PATIENCE_MS);
  crowd_leave();
  struct ending e = trouble(said == SAID_LET_IN ? "out of memory" : "qmail-users cannot tell now");
  if (said == SAID_LET_IN && is_named(&heard.answer, q)) e = (struct ending){ .said = AUTH_LET_IN };
  if (said == SAID_WRONG) e = (struct ending){ .said = AUTH_WRONG, .why = "wrong name or password" };
  if (said == SAID_DENIED) e = (struct ending){ .said = AUTH_DENIED, .why = "may not use this service" };
  if (said == SAID_WRONG_LATELY) e = (struct ending){ .said = AUTH_TROUBLE, .why = "not the password that was his lately", .is_guess = true };
  explicit_bzero(heard.bytes, sizeof heard.bytes);
  return e;
}

/* ---- all others ---- */

static struct ending of_system(struct auth_question const *q)
{
  static stralloc login = STRALLOC_ZERO;
  struct passwd const *pw;
  char const *why;
  if (!bytes_setb(&login, q->login.s, q->login.len) || !bytes_z(&login)) return trouble("out of memory");
  switch (account_login(&pw, &why, login.s, q->secret.s, q->secret.len)) {
    case ACCOUNT_LET_IN:
      if (!bytes_set(&account, pw->pw_name)) return trouble("out of memory");
      return (struct ending){ .said = AUTH_LET_IN };
    case ACCOUNT_REFUSED: return (struct ending){ .said = AUTH_WRONG, .why = why };
    default:
      strerr_warnwu(why);
      return trouble("see the line before");
  }
}

static struct ending of_site(struct auth_question const *q)
{
  struct ending e = { .why = 0 };
  e.said = foreign_ask(checker.s, q, &e.why);
  if (e.said != AUTH_LET_IN) return e;
  int r = frozen(q->login);
  if (r == -1) return trouble("it cannot be told whether the account is frozen");
  if (r) return (struct ending){ .said = AUTH_DENIED, .why = "account is frozen" };
  return bytes_setb(&account, q->login.s, q->login.len) ? e : trouble("out of memory");
}

static bool is_checker(char const *name)
{
  char const *slash = strrchr(checker.s, '/');
  return !strcmp(slash ? slash + 1 : checker.s, name);
}

/* Our own two need no process: what they do is done here. */
static struct ending of_others(struct auth_question const *q)
{
  char const *culprit;
  if (!control_load(controls, &culprit) || !bytes_z(&checker)) return trouble("control/checkpassword cannot be read");
  if (is_checker("vchkpw")) return of_virtual(q);
  if (scram_is_exchange(q->challenge)) return (struct ending){ .said = AUTH_WRONG, .why = "has no keys that a proof could be held against" };
  return !strcmp(checker.s, "checkpassword") ? of_system(q) : of_site(q);
}

/* ---- the attempt ---- */

/* What no checker could be told, and empty ones, which are never right. */
static bool is_possible(struct auth_question const *q)
{
  size_t len = q->login.len + q->secret.len + (scram_is_exchange(q->challenge) ? 0 : q->challenge.len) + 3;
  return q->login.len && q->secret.len && len <= CREDENTIALS_MAX
    && !memchr(q->login.s, 0, q->login.len) && !memchr(q->secret.s, 0, q->secret.len);
}

static struct ending decide(struct auth_question const *q)
{
  if (!is_possible(q)) return (struct ending){ .said = AUTH_WRONG, .why = "no name or password that can be" };
  switch (login_place(q->login.s, q->login.len)) {
    case LOGIN_VIRTUAL: return of_virtual(q);
    case LOGIN_OTHER: return of_others(q);
    default: return trouble("users/cdb cannot be read");
  }
}

/* The address stands before anything that the client has chosen. */
static bool line_of(stralloc *line, struct auth_question const *q, char const *why)
{
  return bytes_set(line, PROG) && bytes_add(line, ": refused from ") && log_text(line, q->client_ip.s, q->client_ip.len, LOGGED_MAX)
    && bytes_add(line, " by ") && bytes_add(line, users_accesses[q->access]) && bytes_add(line, " user ")
    && log_text(line, q->login.s, q->login.len, LOGGED_MAX) && bytes_add(line, ": ") && bytes_add(line, why)
    && bytes_add(line, "\n");
}

static void log_refusal(struct auth_question const *q, char const *why)
{
  static stralloc line = STRALLOC_ZERO;
  if (line_of(&line, q, why)) unwaited_write(2, line.s, line.len);
}

/* A right password that may not be used here is a wrong one in all that the client sees: else a guesser had it. */
void attempt(struct auth_answer *a, struct auth_question const *q)
{
  *a = (struct auth_answer){ .said = AUTH_MUST_WAIT, .seconds = box_wait(q->client_ip) };
  if (a->seconds) {
    log_refusal(q, "must wait");
    return;
  }
  struct ending e = decide(q);
  a->said = e.said;
  if (e.said == AUTH_LET_IN) {
    a->login = (struct field){ account.s, account.len };
    if (scram_is_exchange(q->challenge)) a->text = (struct field){ signature.s, signature.len };
  } else {
    log_refusal(q, e.why);
  }
  if (e.is_guess || e.said == AUTH_WRONG || e.said == AUTH_DENIED) a->seconds = box_failed(q->client_ip, box_mark(q->login, q->secret));
}

/* ---- before a proof ---- */

/* What is said to be one comes from who has the domain, perhaps, and goes to a client. */
static bool is_salt(struct users_answer const *a)
{
  char digits[UINT32_FMT];
  return a->user.len && a->user.len <= SCRAM_SALT_MAX && !memchr(a->user.s, ',', a->user.len) && !memchr(a->user.s, 0, a->user.len)
    && scram_rounds((struct field){ digits, uint32_fmt(digits, a->uid) });
}

static stralloc nobody = STRALLOC_ZERO;        /* who has no salt: whatever names are the same user's are one here, too */

static bool name_nobody(struct users_answer const *a)
{
  return bytes_setb(&nobody, a->user.s, a->user.len) && bytes_addc(&nobody, '@') && bytes_addb(&nobody, a->domain.s, a->domain.len);
}

static enum auth_said salt_of_virtual(struct auth_answer *a, struct auth_question const *q)
{
  static struct users_heard heard;
  struct users_question const asked = {
    .verb = USERS_SALT, .access = q->access, .name = q->login, .client_ip = q->client_ip, .local_ip = q->local_ip
  };
  if (!enter_crowd(q->login)) return AUTH_TROUBLE;
  enum users_said said = users_ask(&heard, &asked, PATIENCE_MS);
  crowd_leave();
  if (said == SAID_NOBODY) return name_nobody(&heard.answer) ? AUTH_WRONG : AUTH_TROUBLE;
  if (said != SAID_MAILBOX) return AUTH_TROUBLE;
  if (!is_salt(&heard.answer)) return AUTH_WRONG;
  a->text = heard.answer.user;
  a->seconds = heard.answer.uid;
  return AUTH_LET_IN;
}

static enum auth_said salt_of(struct auth_answer *a, struct auth_question const *q)
{
  char const *culprit;
  if (!q->login.len || q->login.len > LOGIN_MAX || memchr(q->login.s, 0, q->login.len)) return AUTH_WRONG;
  switch (login_place(q->login.s, q->login.len)) {
    case LOGIN_VIRTUAL: return salt_of_virtual(a, q);
    case LOGIN_OTHER: break;
    default: return AUTH_TROUBLE;
  }
  if (!control_load(controls, &culprit) || !bytes_z(&checker)) return AUTH_TROUBLE;
  return is_checker("vchkpw") ? salt_of_virtual(a, q) : AUTH_WRONG;
}

void attempt_salt(struct auth_answer *a, struct auth_question const *q)
{
  *a = (struct auth_answer){ .said = AUTH_MUST_WAIT, .seconds = box_wait(q->client_ip) };
  if (a->seconds) return;
  if (!bytes_setb(&nobody, q->login.s, q->login.len)) a->said = AUTH_TROUBLE;
  else a->said = salt_of(a, q);
  if (a->said != AUTH_WRONG) return;
  struct field const login = { nobody.s, nobody.len };
  *a = (struct auth_answer){ .said = AUTH_LET_IN, .seconds = SCRAM_ROUNDS, .text = decoy_salt(login) };
}
