/* qmail-store-ldap: the users of virtual domains in a directory, for who asks by HOME/run/users/ldap. They are only read.

   runs as   vpopmail, started by qmail-usersd where control/usersbackend names ldap; never root
   reads     questions (store_wire.h) from whom SO_PEERCRED names, HOME/users/cdb, etc/vpopmail.ldap in the home of vpopmail,
             what libldap reads of /etc/ldap, HOME/control/snapshotage and snapshotlogins once
   changes   HOME/run/users
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <ldap.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "away.h"
#include "bytes.h"
#include "control.h"
#include "die.h"
#include "entrance.h"
#include "helper.h"
#include "lately.h"
#include "ldap_file.h"
#include "ldap_record.h"
#include "ldap_text.h"
#include "store_wire.h"
#include "users_wire.h"

enum {
  ANSWER_SECONDS = 3,         /* for each answer of the server */
  PAGE = 500,                 /* entries of a list that come at a time */
  QUIET_MS = 60000,           /* the one who tries whether it is back looks so often whether it is away, */
  PROBE_MS = 1000,            /* and then tries so often; */
  PROBE_SECONDS = 12          /* whatever the library does: after these another process takes its place */
};

#define ROOM USERS_PLACE "/ldap.lately"
#define AWAY USERS_PLACE "/ldap.away"         /* is there while the directory is away, for who looks from outside */

static struct nameset with_hash = NAMESET_ZERO;
static struct lately_rules rules = { .room = ROOM, .with_hash = &with_hash };

static struct control const controls[] = {
  /* file               kind            goes to     when absent */
  { "snapshotage",      CONTROL_NUMBER, &rules.age, "259200" },
  { "snapshotlogins",   CONTROL_NAMES,  &with_hash, 0 },
  { 0 }
};

static LDAP *ld;
static struct ldap_file file;
static bool is_troubled;

/* ---- what went wrong ---- */

static struct { int code, error; } const errors[] = {
  { LDAP_SERVER_DOWN, ECONNREFUSED }, { LDAP_CONNECT_ERROR, ECONNREFUSED }, { LDAP_TIMEOUT, ETIMEDOUT }, { LDAP_TIMELIMIT_EXCEEDED, ETIMEDOUT },
  { LDAP_BUSY, EAGAIN }, { LDAP_UNAVAILABLE, EAGAIN }, { LDAP_NO_MEMORY, ENOMEM }, { LDAP_NO_SUCH_OBJECT, ENOENT },
  { LDAP_SIZELIMIT_EXCEEDED, EPROTO }
};

static void note_error(int code)
{
  char *diagnostic = 0;
  if (ld) ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
  char words[256];
  strcpy(words, "");
  strncat(words, ldap_err2string(code), 100);
  if (diagnostic && *diagnostic) {
    strcat(words, ": ");
    strncat(words, diagnostic, 140);
  }
  ldap_memfree(diagnostic);
  sql_note(words);
  errno = EREMOTEIO;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (errors[i].code == code) errno = errors[i].error;
}

/* ---- the connection ---- */

static void disconnect(void)
{
  int e = errno;
  if (ld) ldap_unbind_ext(ld, 0, 0);
  ld = 0;
  explicit_bzero(&file, sizeof file);
  errno = e;
}

/* A certificate is looked at whenever there is one. */
static void set_up(void)
{
  static struct timeval const answer = { ANSWER_SECONDS, 0 };
  static int const version = 3, demand = LDAP_OPT_X_TLS_DEMAND, fresh = 0;
  char const *authority = entrance_authority();
  ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
  ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &answer);
  ldap_set_option(ld, LDAP_OPT_TIMEOUT, &answer);
  ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  if (authority) ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, authority);
  ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &fresh);
}

static int log_in(void)
{
  char const *bind = file.values[LDAP_FILE_BIND], *password = file.values[LDAP_FILE_PASSWORD];
  struct berval const secret = { password ? strlen(password) : 0, (char *)password };
  bool wants_tls = strcmp(file.values[LDAP_FILE_STARTTLS], "yes") == 0;
  int code = wants_tls ? ldap_start_tls_s(ld, 0, 0) : LDAP_SUCCESS;
  if (code == LDAP_SUCCESS) code = ldap_sasl_bind_s(ld, bind, LDAP_SASL_SIMPLE, (struct berval *)&secret, 0, 0, 0);
  return code;
}

static bool take_file(char const **fault, char const *s, size_t len)
{
  if (!ldap_file_parse(&file, fault, s, len)) return false;
  *fault = "the uri is none";
  return ldap_initialize(&ld, file.values[LDAP_FILE_URI]) == LDAP_SUCCESS;
}

static bool enter(void)
{
  if (!entrance_read(take_file)) return false;
  set_up();
  int const code = log_in();
  if (code != LDAP_SUCCESS) note_error(code);
  return code == LDAP_SUCCESS;
}

static bool connect_server(void)
{
  if (enter()) return true;
  disconnect();
  return false;
}

/* It is told once how trouble begins, and once that it is over. */
static enum store_result trouble(void)
{
  int e = errno;
  if (!is_troubled) strerr_warnw("trouble with the directory: ", sql_said());
  is_troubled = true;
  disconnect();
  errno = e;
  return STORE_TROUBLE;
}

static void well_again(void)
{
  if (is_troubled) strerr_warni("the directory answers again");
  is_troubled = false;
}

/* ---- searching ---- */

struct search {
  struct field domain, user;        /* the user null: all */
  struct berval *cookie;            /* of the next page */
  int code;
};

static stralloc base = STRALLOC_ZERO, filter = STRALLOC_ZERO;

static int send_search(struct search *s, LDAPControl *page)
{
  char *attributes[LDAP_ATTRIBUTES + 1];
  size_t count = 0;
  LDAPControl *controls[] = { page, 0 };
  struct timeval limit = { ANSWER_SECONDS, 0 };
  int id;
  for (size_t i = 0; i < LDAP_ATTRIBUTES; i++)
    if (file.values[LDAP_FILE_NAME + i]) attributes[count++] = (char *)file.values[LDAP_FILE_NAME + i];
  attributes[count] = 0;
  s->code = ldap_search_ext(ld, base.s, LDAP_SCOPE_SUBTREE, filter.s, attributes, 0, page ? controls : 0, 0, &limit, page ? 0 : 2, &id);
  return s->code == LDAP_SUCCESS ? id : -1;
}

static LDAPMessage *hear_all(struct search *s, int id)
{
  struct timeval limit = { ANSWER_SECONDS, 0 };
  LDAPMessage *answer = 0;
  int r = ldap_result(ld, id, LDAP_MSG_ALL, &limit, &answer);
  if (r > 0 && ldap_parse_result(ld, answer, &s->code, 0, 0, 0, 0, 0) == LDAP_SUCCESS && s->code == LDAP_SUCCESS) return answer;
  if (r == 0) s->code = LDAP_TIMEOUT;
  if (r < 0) ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &s->code);
  if (answer) ldap_msgfree(answer);
  if (s->code == LDAP_SUCCESS) s->code = LDAP_OTHER;
  return 0;
}

/* A page of the entries, or, for one user, all there are. Null with s->code. */
static LDAPMessage *ask(struct search *s)
{
  LDAPControl *page = 0;
  if (!ldap_text_make(&base, file.values[LDAP_FILE_BASE], s->user, s->domain)
      || !ldap_text_make(&filter, file.values[LDAP_FILE_FILTER], s->user, s->domain)) return s->code = LDAP_NO_MEMORY, (LDAPMessage *)0;
  if (!s->user.s) s->code = ldap_create_page_control(ld, PAGE, s->cookie, 0, &page);
  int id = s->code == LDAP_SUCCESS ? send_search(s, page) : -1;
  if (page) ldap_control_free(page);
  return id == -1 ? 0 : hear_all(s, id);
}

/* A connection that was idle may have been ended; then it is made anew, once. */
static LDAPMessage *ask_at_first(struct search *s)
{
  bool is_old = ld;
  for (;;) {
    if (!ld && !connect_server()) return 0;
    LDAPMessage *answer = ask(s);
    if (answer) return well_again(), answer;
    note_error(s->code);
    if (!is_old || s->code != LDAP_SERVER_DOWN) return 0;
    is_old = false;
    disconnect();
    s->code = LDAP_SUCCESS;
  }
}

/* ---- entries ---- */

struct entry_values { struct berval **all[LDAP_ATTRIBUTES]; };

/* Nobody wrote down where he lives: under his name, then, in the domain's directory; and nobody will, here. */
static bool settle(struct vpasswd *record)
{
  static stralloc home = STRALLOC_ZERO;
  struct field const place = helper_place();
  if (record->dir.len || !place.len) return true;
  if (!bytes_setb(&home, place.s, place.len) || !bytes_addc(&home, '/') || !bytes_addb(&home, record->name.s, record->name.len)) return false;
  record->dir = (struct field){ home.s, home.len };
  return true;
}

static enum ldap_record_result take_entry(struct vpasswd *record, struct entry_values *v, LDAPMessage *entry, struct field name)
{
  static stralloc space = STRALLOC_ZERO;
  struct field values[LDAP_ATTRIBUTES] = { { 0, 0 } };
  for (size_t i = 0; i < LDAP_ATTRIBUTES; i++) {
    char const *attribute = file.values[LDAP_FILE_NAME + i];
    v->all[i] = attribute ? ldap_get_values_len(ld, entry, attribute) : 0;
    if (v->all[i] && v->all[i][0]) values[i] = (struct field){ v->all[i][0]->bv_val, v->all[i][0]->bv_len };
  }
  if (name.s) values[LDAP_NAME] = name;
  enum ldap_record_result r = ldap_record_make(record, &space, values);
  return r != LDAP_RECORD_USER || settle(record) ? r : LDAP_RECORD_TROUBLE;
}

static void forget_values(struct entry_values *v)
{
  for (size_t i = 0; i < LDAP_ATTRIBUTES; i++)
    if (v->all[i]) ldap_value_free_len(v->all[i]);
}

/* ---- one user ---- */

static char kept[STORE_FRAME_MAX];

/* It lies in memory that the next call uses again. */
static enum store_result keep(struct vpasswd *record, LDAPMessage *entry, struct field name)
{
  struct store_frame f = { .word = STORE_SAYS_RECORD };
  struct entry_values v;
  enum ldap_record_result r = take_entry(&f.edit.record, &v, entry, name);
  size_t const len = r == LDAP_RECORD_USER ? store_frame_pack(kept, &f) : 0;
  forget_values(&v);
  if (r == LDAP_RECORD_NONE) return STORE_NO_USER;
  if (!len || store_frame_unpack(&f, kept, len) <= 0) return errno = r == LDAP_RECORD_TROUBLE ? ENOMEM : EPROTO, STORE_TROUBLE;
  *record = f.edit.record;
  return STORE_DONE;
}

/* No answer, or one that the server cannot give now; not one that tells something of users. */
static bool is_away_error(int error)
{
  return error == ECONNREFUSED || error == ETIMEDOUT || error == EAGAIN;
}

/* Two with one name are trouble: nobody could tell whose mail it is. */
static enum store_result find_there(struct vpasswd *record, struct field domain, struct field name)
{
  struct search s = { .domain = domain, .user = name };
  LDAPMessage *answer = ask_at_first(&s);
  if (!answer) {
    if (is_away_error(errno)) away_begin(errno);
    return trouble();
  }
  if (away_is()) away_end();
  int const count = ldap_count_entries(ld, answer);
  enum store_result r = count == 1 ? keep(record, ldap_first_entry(ld, answer), name) : STORE_NO_USER;
  if (count > 1 || count < 0) r = STORE_TROUBLE, errno = EPROTO;
  int e = errno;
  ldap_msgfree(answer);
  errno = e;
  return r;
}

/* With the errno of the directory, where that tells nothing. */
static enum store_result find_lately(struct vpasswd *record, struct field domain, struct field name, bool with_hash_too)
{
  static stralloc space = STRALLOC_ZERO;
  long age;
  int const e = errno;
  enum store_result r = lately_find(record, &space, &rules, domain, name, with_hash_too, &age);
  if (r == STORE_LATELY && !settle(record)) r = STORE_TROUBLE;
  if (r == STORE_LATELY) away_used(ROOM, age);
  errno = e;
  return r;
}

/* Commands wait for it even while it is away. */
static enum store_result find(struct vpasswd *record, struct field domain, struct field name, uint32_t age)
{
  enum store_result r = age != STORE_AS_IT_IS && away_is() ? STORE_TROUBLE : find_there(record, domain, name);
  if (r == STORE_DONE) lately_keep(&rules, domain, record);
  if (r == STORE_NO_USER) lately_forget(&rules, domain, name);
  if (r == STORE_TROUBLE && age != STORE_AS_IT_IS && away_is()) r = find_lately(record, domain, name, age == STORE_AS_IT_WAS_WITH_HASH);
  return r;
}

/* ---- is it back? ---- */

/* For who looks from outside. */
static void show_away(void)
{
  int fd = open(AWAY, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd != -1) fd_close(fd);
}

static bool is_back(void)
{
  alarm(PROBE_SECONDS);
  bool const back = connect_server() || !is_away_error(errno);
  int const e = errno;
  alarm(0);
  disconnect();
  errno = e;
  return back;
}

/* Not where a command, which asks all the same, has had an answer meanwhile. */
static bool still_away(void)
{
  int const e = errno;
  if (!away_is()) return false;
  away_begin(e);
  return true;
}

static void wait_for_it(void)
{
  while (!is_back() && still_away()) {
    show_away();
    away_listen(PROBE_MS);
  }
  unlink(AWAY);
  away_end();
}

/* The life of the process that is asked nothing: the others need not find out one by one, each in vain. */
static void keep_trying(void)
{
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  unlink(AWAY);
  for (;;) {
    if (away_is()) wait_for_it();
    away_listen(QUIET_MS);
  }
}

static void prepare(void)
{
  control_load_or_die(controls);
  if (!away_share()) die_nomem();
  if (lately_open(&rules)) return;
  strerr_warnwusys("keep who is found in ", ROOM);
  rules.age = 0;
}

/* ---- all users ---- */

struct page { store_each *each; void *with; bool is_damaged, is_enough; };

static void give_entry(struct page *p, LDAPMessage *entry)
{
  struct vpasswd record;
  struct entry_values v;
  switch (take_entry(&record, &v, entry, (struct field){ 0, 0 })) {
    case LDAP_RECORD_USER: p->is_enough = !p->each(p->with, &record); break;
    case LDAP_RECORD_NONE: break;
    default: p->is_damaged = true;
  }
  forget_values(&v);
}

static void next_page(struct search *s, LDAPMessage *answer)
{
  LDAPControl **controls = 0;
  ber_int_t estimate;
  ber_bvfree(s->cookie);
  s->cookie = 0;
  ldap_parse_result(ld, answer, &s->code, 0, 0, 0, &controls, 0);
  LDAPControl *page = controls ? ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, 0) : 0;
  struct berval cookie = { 0, 0 };
  if (page && ldap_parse_pageresponse_control(ld, page, &estimate, &cookie) == LDAP_SUCCESS && cookie.bv_len) s->cookie = ber_bvdup(&cookie);
  ber_memfree(cookie.bv_val);
  if (controls) ldap_controls_free(controls);
}

static enum store_result list(struct field domain, store_each *each, void *with, uint32_t age)
{
  (void)age;
  struct search s = { .domain = domain };
  struct page p = { each, with, false, false };
  LDAPMessage *answer = ask_at_first(&s);
  while (answer && !p.is_enough) {
    for (LDAPMessage *e = ldap_first_entry(ld, answer); e && !p.is_enough; e = ldap_next_entry(ld, e)) give_entry(&p, e);
    next_page(&s, answer);
    ldap_msgfree(answer);
    if (!s.cookie) return errno = EPROTO, p.is_damaged ? STORE_TROUBLE : STORE_DONE;
    answer = ask(&s);
    if (!answer) note_error(s.code);
  }
  int e = errno;
  ber_bvfree(s.cookie);
  errno = e;
  return answer ? ldap_msgfree(answer), STORE_DONE : trouble();
}

/* ---- for who sets it up ---- */

static void complain(char const *what, char const *todo)
{
  buffer_puts(buffer_1, what);
  buffer_puts(buffer_1, "\t");
  buffer_puts(buffer_1, todo);
  buffer_putsflush(buffer_1, "\n");
}

/* Of what domain the directory knows users nobody has said: that it lets us in is all. */
static int check(void)
{
  if (connect_server()) return disconnect(), 0;
  complain(sql_said(), "start the directory, and see that etc/vpopmail.ldap is as qmail-store-ldap(8) says");
  return 1;
}

static struct helper const ldap = {
  .name = "ldap", .find = find, .list = list, .check = check, .prepare = prepare, .keep = keep_trying
};

int main(int argc, char const *const *argv)
{
  PROG = "qmail-store-ldap";
  entrance_of(ldap.name);
  struct confine_path const paths[] = {
    { "/", CONFINE_READ },
    { USERS_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  return helper_main(argc, argv, &ldap, &(struct confinement){ .paths = paths, .calls = CONFINE_CALLS });
}
