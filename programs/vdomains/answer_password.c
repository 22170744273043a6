#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "answer_password.h"
#include "answer_roaming.h"
#include "app_file.h"
#include "base64.h"
#include "bytes.h"
#include "crowd.h"
#include "frozen.h"
#include "hash.h"
#include "home_lines.h"
#include "log_text.h"
#include "monotonic.h"
#include "new_hash.h"
#include "tokens.h"
#include "unwaited.h"
#include "user_host.h"
#include "user_home.h"
#include "vflags.h"
#include "vname.h"

enum { LOGGED_MAX = 512 };              /* bytes of a name */

static struct served served = SERVED_ZERO;
static bool rehashes, has_old_hash;     /* whether that is wanted, and whether this user's is */
static stralloc user = STRALLOC_ZERO, domain = STRALLOC_ZERO;
static stralloc app_text = STRALLOC_ZERO;       /* holds the app password that lets in */
static struct app_password app;                 /* without a name when it is the user's own */

/* How it ended, and what the log says of it; null: nothing. */
struct ending { enum users_said said; char const *why; };

static struct ending const
  LET_IN = { SAID_LET_IN, 0 },
  NO_DOMAIN = { SAID_WRONG, "no such domain" },
  NO_USER = { SAID_WRONG, "no such user" },
  WRONG = { SAID_WRONG, "wrong password" },
  NO_FORM = { SAID_WRONG, "the password is stored in a form that nobody knows" },
  DENIED = { SAID_DENIED, "may not use this service" },
  FROZEN = { SAID_DENIED, "is frozen" },
  NOT_YOURS = { SAID_NOT_YOURS, "who asks may not know" },
  ELSEWHERE = { SAID_ELSEWHERE, 0 },
  NO_OWNER = { SAID_TROUBLE, "the domain belongs to an account that answers no questions" },
  CLOSED = { SAID_TROUBLE, "the files of the domain are closed to us" },
  NO_HOME = { SAID_TROUBLE, "has no home" },
  NOT_LATELY = { SAID_TROUBLE, "was not let in by what was so lately, and nobody can tell now" },
  WRONG_LATELY = { SAID_WRONG_LATELY, "was not let in by the password that was his lately, and nobody can tell now" },
  NO_MEMORY = { SAID_TROUBLE, "out of memory" };

static struct ending trouble(void)
{
  return (struct ending){ SAID_TROUBLE, strerror(errno) };
}

static struct ending ending_of(enum served_result r, struct ending none)
{
  return r == SERVED_NONE ? none : r == SERVED_UNSEEN ? CLOSED : trouble();
}

/* ---- the password ---- */

/* An answer to a challenge can be right only where the clear password is known. Of challenge and answer in SMTP, either
   comes first, as patches of old differ. */
static enum hash_result answer_challenge(struct users_question const *q)
{
  static stralloc clear = STRALLOC_ZERO, secret = STRALLOC_ZERO, challenge = STRALLOC_ZERO;
  if (!q->challenge.len || !served.record.has_clear || !served.record.clear.len) return HASH_WRONG;
  if (!bytes_setb(&clear, served.record.clear.s, served.record.clear.len) || !bytes_z(&clear)) return HASH_TROUBLE;
  if (!bytes_setb(&secret, q->secret.s, q->secret.len) || !bytes_z(&secret)) return HASH_TROUBLE;
  if (!bytes_setb(&challenge, q->challenge.s, q->challenge.len) || !bytes_z(&challenge)) return HASH_TROUBLE;
  bool right = q->access == USERS_SMTP
    ? hash_cram_md5(challenge.s, secret.s, clear.s, clear.len) || hash_cram_md5(secret.s, challenge.s, clear.s, clear.len)
    : hash_apop(challenge.s, secret.s, clear.s, clear.len);
  explicit_bzero(clear.s, clear.len);
  explicit_bzero(secret.s, secret.len);
  return right ? HASH_RIGHT : HASH_WRONG;
}

/* What proves to him that we know him. */
static char signature[BASE64_LEN(SCRAM_DIGEST)];

static enum hash_result verify_proof(struct users_question const *q)
{
  struct scram_stored stored;
  unsigned char proof[SCRAM_DIGEST], ours[SCRAM_DIGEST];
  if (!hash_scram(&stored, served.record.hash.s, served.record.hash.len) || !scram_digest_read(proof, q->secret)) return HASH_WRONG;
  if (!scram_is_proof(proof, &stored.keys, q->challenge)) return HASH_WRONG;
  scram_sign(ours, &stored.keys, q->challenge);
  base64_encode(signature, (char const *)ours, sizeof ours);
  return HASH_RIGHT;
}

static enum hash_result verify_password(struct users_question const *q)
{
  struct field const stored = served.record.hash;
  enum hash_result r = answer_challenge(q);
  if (r != HASH_WRONG) return r;
  r = hash_verify(stored.s, stored.len, q->secret.s, q->secret.len);
  has_old_hash = r == HASH_RIGHT && hash_is_old(new_hash_form(), stored.s, stored.len);
  return r;
}

static struct ending verify(struct users_question const *q)
{
  enum hash_result r = scram_is_exchange(q->challenge) ? verify_proof(q) : verify_password(q);
  switch (r) {
    case HASH_RIGHT: return LET_IN;
    case HASH_WRONG: return WRONG;
    case HASH_UNKNOWN: return NO_FORM;
    default: return trouble();
  }
}

/* ---- app passwords ---- */

/* As home_lines_read; who has no home has none of them. */
static int app_read(void)
{
  int home = home_lines_open(served.record.dir);
  if (home == -1) return errno == ENOENT ? 0 : -1;
  int r = home_lines_read(&app_text, home, HOME_APP_PASSWORDS);
  int e = errno;
  fd_close(home);
  errno = e;
  return r;
}

static bool app_find(struct users_question const *q, char const letters[APP_PASSWORD_LETTERS])
{
  for (size_t at = 0; app_file_next(&app, &app_text, served.record.name, &at);)
    if (app.services & UINT32_C(1) << q->access
        && hash_verify(app.hash.s, app.hash.len, letters, APP_PASSWORD_LETTERS) == HASH_RIGHT) return true;
  return false;
}

/* Whoever has none pays nothing for those who have: only what has the form of one is looked for. */
static struct ending verify_app(struct users_question const *q)
{
  char letters[APP_PASSWORD_LETTERS];
  if (!app_password_letters(letters, q->secret.s, q->secret.len)) return WRONG;
  int r = app_read();
  bool found = r == 1 && app_find(q, letters);
  explicit_bzero(letters, sizeof letters);
  if (!found) app.name.len = 0;
  return found ? LET_IN : r == -1 ? trouble() : WRONG;
}

/* What nobody has takes as long. */
static struct ending as_long(struct users_question const *q, struct ending e)
{
  if (e.said == SAID_WRONG) hash_verify(0, 0, q->secret.s, q->secret.len);
  return e;
}

/* ---- the user ---- */

static struct ending find_domain(struct users_question const *q)
{
  if (!vname_split(&user, &domain, q->name.s, q->name.len)) return NO_MEMORY;
  if (!domain.len && served_default_domain(&domain, q->local_ip) != SERVED_DONE) return trouble();
  if (vname_domain(domain.s, domain.len) != VCODE_OK) return NO_DOMAIN;
  enum served_result r = served_find(&served, (struct field){ domain.s, domain.len });
  return r == SERVED_DONE ? LET_IN : ending_of(r, NO_DOMAIN);
}

/* The account is told the whole name, and what holds for all of the site, since it may not read that. */
static struct ending other_account(struct users_answer *a)
{
  if (!served_elsewhere(&served, a)) return NO_OWNER;
  if (served_site_flags(&a->flags) != SERVED_DONE) return trouble();
  a->user = (struct field){ user.s, user.len };
  a->domain = (struct field){ domain.s, domain.len };
  return ELSEWHERE;
}

static struct ending find_user(void)
{
  if (vname_user(user.s, user.len) != VCODE_OK) return NO_USER;
  enum served_result r = served_open(&served);
  if (r == SERVED_DONE) r = served_user(&served, (struct field){ user.s, user.len });
  return r == SERVED_DONE ? LET_IN : ending_of(r, NO_USER);
}

static bool has_home(void)
{
  return served.record.dir.len && served.record.dir.s[0] == '/';
}

/* Frozen by the administrator, whatever his flags say. */
static int is_frozen(void)
{
  static stralloc name = STRALLOC_ZERO;
  if (!bytes_setb(&name, user.s, user.len) || !bytes_addc(&name, '@') || !bytes_add(&name, served.user.name.s)) return -1;
  return frozen((struct field){ name.s, name.len });
}

/* Only who has the password is told what he may not. */
static struct ending may_use(struct users_question const *q)
{
  uint32_t flags;
  int r = is_frozen();
  if (r) return r == -1 ? trouble() : FROZEN;
  if (app.name.len && app.opens) served.record.flags &= ~users_closing_flag(q->access);
  if (served_flags(&served, &flags) != SERVED_DONE) return trouble();
  served.record.flags = flags;
  if (flags & users_closing_flag(q->access)) return DENIED;
  return has_home() ? LET_IN : NO_HOME;
}

/* In nobody's way while it takes its time. */
static struct ending verify_own(struct users_question const *q)
{
  crowd_leave();
  struct ending e = verify(q);
  return e.said == SAID_LET_IN && !crowd_enter(&served.user.home) ? trouble() : e;
}

/* Nobody is refused for what was so lately, but where there is a hash somebody may be guessing. */
static struct ending lately(struct ending e)
{
  if (!served.is_old || e.said == SAID_LET_IN) return e;
  return served.record.hash.len ? WRONG_LATELY : NOT_LATELY;
}

static struct ending decide(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  struct ending e = find_domain(q);
  if (e.said == SAID_LET_IN && !asker_may(who, &served)) return NOT_YOURS;
  if (e.said == SAID_WRONG && !who->may_all) return NOT_YOURS;
  if (e.said == SAID_LET_IN && !served_is_ours(&served)) return other_account(a);
  if (e.said == SAID_LET_IN) e = find_user();
  if (e.said != SAID_LET_IN) return as_long(q, e);
  e = q->verb == USERS_PASSWORD ? verify_app(q) : WRONG;
  if (e.said == SAID_WRONG) e = verify_own(q);
  if (e.said == SAID_LET_IN) e = may_use(q);
  return lately(e);
}

/* ---- what is written of it ---- */

static bool line_of(stralloc *line, struct users_question const *q, char const *why)
{
  return bytes_set(line, "qmail-usersd: refused: ") && log_text(line, q->name.s, q->name.len, LOGGED_MAX)
    && bytes_add(line, " from ") && log_text(line, q->client_ip.s, q->client_ip.len, LOGGED_MAX) && bytes_add(line, " by ")
    && bytes_add(line, users_accesses[q->access]) && bytes_add(line, ": ") && bytes_add(line, why) && bytes_add(line, "\n");
}

static void log_refusal(struct users_question const *q, char const *why)
{
  static stralloc line = STRALLOC_ZERO;
  if (line_of(&line, q, why)) unwaited_write(2, line.s, line.len);
}

static bool write_ip(int home, char const *name, struct field ip)
{
  int fd = openat(home, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd == -1) return false;
  struct iovec const line[] = { { (void *)ip.s, ip.len }, { "\n", 1 } };
  bool done = writev(fd, line, 2) == (ssize_t)ip.len + 1;
  fd_close(fd);
  return done;
}

/* The file tells from where, its time tells when. Nobody is refused because it cannot be written. */
static void note(struct users_question const *q)
{
  char used[APP_FILE_USE_SIZE];
  int fd = home_lines_open(served.record.dir);
  if (fd == -1) return;
  write_ip(fd, USER_HOME_LOGIN, q->client_ip);
  if (app.name.len) {
    app_file_use(used, &app);
    write_ip(fd, used, q->client_ip);
  }
  fd_close(fd);
}

/* The home is the second of two, with a colon between them. */
static bool say_before_home(struct users_answer *a, struct field first)
{
  static stralloc text = STRALLOC_ZERO;
  struct field const home = served.record.dir;
  if (!bytes_setb(&text, first.s, first.len) || !bytes_addc(&text, ':') || !bytes_addb(&text, home.s, home.len)) return false;
  a->home = (struct field){ text.s, text.len };
  return true;
}

static void fill(struct users_answer *a, struct users_question const *q)
{
  a->uid = served.user.uid;
  a->gid = served.user.gid;
  a->flags = served.record.flags;
  a->user = (struct field){ user.s, user.len };
  a->domain = (struct field){ served.user.name.s, served.user.name.len };
  a->home = served.record.dir;
  if (!scram_is_exchange(q->challenge)) return;
  if (!say_before_home(a, (struct field){ signature, sizeof signature })) a->said = SAID_TROUBLE;
}

/* ---- how he proves it ---- */

static enum users_said of_keys(struct users_answer *a)
{
  struct scram_stored stored;
  if (!hash_scram(&stored, served.record.hash.s, served.record.hash.len)) return SAID_NOBODY;
  a->user = stored.salt;
  a->uid = stored.rounds;
  return SAID_MAILBOX;
}

/* Nothing is let out but by who decides about logins: he hides who is there. For that he is told one name of who is nobody, in whatever
   case or alias of the domain he was asked for. */
void answer_salt(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  has_old_hash = false;
  a->said = SAID_NOT_YOURS;
  if (!who->may_all) return;
  struct ending e = find_domain(q);
  bool is_hosted = e.said == SAID_LET_IN;
  if (is_hosted && !served_is_ours(&served)) e = other_account(a);
  else if (is_hosted) e = find_user();
  a->said = e.said == SAID_LET_IN ? of_keys(a) : e.said == SAID_WRONG ? SAID_NOBODY : e.said;
  if (a->said != SAID_NOBODY) return;
  a->user = (struct field){ user.s, user.len };
  a->domain = is_hosted ? (struct field){ served.user.name.s, served.user.name.len } : (struct field){ domain.s, domain.len };
}

/* ---- an old form ---- */

static void log_rehash(char const *what, char const *why)
{
  static stralloc line = STRALLOC_ZERO;
  bool made = bytes_set(&line, "qmail-usersd: ") && bytes_add(&line, what) && log_text(&line, user.s, user.len, LOGGED_MAX)
    && bytes_add(&line, "@") && bytes_add(&line, served.user.name.s) && (!why || (bytes_add(&line, ": ") && bytes_add(&line, why))) && bytes_add(&line, "\n");
  if (made) unwaited_write(2, line.s, line.len);
}

/* Not over a password that somebody has changed meanwhile, nor where nothing can be changed. */
static void rehash(struct users_question const *q)
{
  struct store_domain const table = served_table(&served);
  char hash[HASH_SIZE];
  if (!table.store->edit || served.is_old) return;
  bool made = new_hash_make(hash, q->secret.s, q->secret.len);
  enum store_result r = !made ? STORE_TROUBLE : store_alter(&table, (struct store_edit){
    .record = { .name = served.record.name, .hash = { hash, strlen(hash) }, .clear = served.record.hash },
    .fields = STORE_REHASH
  });
  if (r == STORE_DONE) log_rehash("stored anew: the password of ", 0);
  else log_rehash("unable to store anew the password of ", r == STORE_TROUBLE ? strerror(errno) : "he is gone");
}

/* What is stored anew is stored before, or the token would be gone with the old form. */
static bool store_anew(struct users_question const *q)
{
  if (!rehashes || !has_old_hash) return true;
  has_old_hash = false;
  rehash(q);
  return served_user(&served, (struct field){ user.s, user.len }) == SERVED_DONE;
}

static struct field new_token(struct users_question const *q)
{
  static char text[TOKEN_TEXT];
  struct field const name = { user.s, user.len }, of = { served.user.name.s, served.user.name.len };
  bool made = store_anew(q) && token_make(text, name, of, served.record.hash, monotonic_ms());
  return (struct field){ made ? text : "", made ? TOKEN_TEXT : 0 };
}

void answer_password(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  has_old_hash = false;
  app.name.len = 0;
  struct ending e = decide(a, q, who);
  a->said = e.said;
  if (e.said == SAID_LET_IN) {
    note(q);
    answer_roaming_login(q, served.record.flags);
    fill(a, q);
    if (q->verb == USERS_LOGIN) a->home = new_token(q);
    return;
  }
  has_old_hash = false;
  if (e.why) log_refusal(q, e.why);
}

/* ---- tokens ---- */

/* A domain that has got another owner since is not ours to speak for. */
static struct ending decide_token(struct users_question const *q, struct asker const *who)
{
  static struct token_owner owner;
  if (!who->may_all) return NOT_YOURS;
  if (!token_find(&owner, q->secret, monotonic_ms())) return WRONG;
  struct users_question const as = { .name = { owner.name, owner.len } };
  struct ending e = find_domain(&as);
  if (e.said != SAID_LET_IN) return e;
  if (!served_is_ours(&served)) return WRONG;
  e = find_user();
  if (e.said != SAID_LET_IN) return e;
  e = token_is_good(&owner, served.record.hash) ? may_use(q) : WRONG;
  return served.is_old && e.said != SAID_LET_IN ? NOT_LATELY : e;
}

void answer_token(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  has_old_hash = false;
  app.name.len = 0;
  a->said = decide_token(q, who).said;
  if (a->said == SAID_LET_IN) fill(a, q);
}

void answer_logout(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  a->said = !who->may_all ? SAID_NOT_YOURS : token_forget(q->secret) ? SAID_LET_IN : SAID_WRONG;
}

/* ---- without a password ---- */

/* A server that has looked at the password, or delivers, wants to know where the mail is. What is closed to the user stays
   closed when he logs in. */
static struct ending decide_account(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  struct ending e = find_domain(q);
  if (e.said == SAID_LET_IN && !asker_may(who, &served)) return NOT_YOURS;
  if (e.said == SAID_WRONG) return who->may_all ? NO_USER : NOT_YOURS;
  if (e.said == SAID_LET_IN && !served_is_ours(&served)) return other_account(a);
  if (e.said == SAID_LET_IN) e = find_user();
  return e.said == SAID_LET_IN && !has_home() ? NO_HOME : e;
}

void answer_account(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  has_old_hash = false;
  a->said = decide_account(a, q, who).said;
  if (a->said == SAID_WRONG) a->said = SAID_NOBODY;
  if (a->said != SAID_LET_IN) return;
  fill(a, q);
  if (!say_before_home(a, served.record.quota)) a->said = SAID_TROUBLE;
}

/* False: it cannot be told. Who has no home has none elsewhere. */
static bool find_host(char host[MAIL_HOST_SIZE])
{
  int home = home_lines_open(served.record.dir);
  host[0] = 0;
  if (home == -1) return errno == ENOENT;
  int r = user_host_find(host, home, served.record.name);
  fd_close(home);
  return r != -1;
}

void answer_host(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  static char host[MAIL_HOST_SIZE];
  has_old_hash = false;
  a->said = decide_account(a, q, who).said;
  if (a->said == SAID_WRONG) a->said = SAID_NOBODY;
  if (a->said != SAID_LET_IN) return;
  if (!find_host(host)) a->said = SAID_TROUBLE;
  fill(a, q);
  a->home = field_of(host);
}

/* ---- afterwards ---- */

void answer_password_rehashes(bool wanted)
{
  rehashes = wanted;
}

void answer_password_end(struct users_question const *q)
{
  if (rehashes && has_old_hash) rehash(q);
  served_close(&served);
}
