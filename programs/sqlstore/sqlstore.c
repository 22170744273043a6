#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "away.h"
#include "bytes.h"
#include "changes.h"
#include "control.h"
#include "database.h"
#include "die.h"
#include "home.h"
#include "keeper.h"
#include "lock.h"
#include "monotonic.h"
#include "passwd.h"
#include "peer.h"
#include "recent.h"
#include "service.h"
#include "setup_check.h"
#include "sqlstore.h"
#include "store_wire.h"
#include "users_wire.h"
#include "workers.h"

enum {
  WORKERS = 4,                /* and connections to the server */
  WAITING_MAX = 128,          /* clients that no worker has taken yet; beyond, who connects waits for a place */
  QUESTION_MS = 2000,         /* for a whole question: who asks had all of it before he came */
  CHANGES_MS = 10000,         /* for what is to be done, each */
  ANSWER_MS = 10000,          /* for what is sent at once */
  OUT_MAX = 1 << 16,
  FIND_SECONDS = 20,          /* whatever a library does: after these a worker ends, and another takes its place */
  LONG_SECONDS = 180          /* of lists and changes */
};

/* ---- control ---- */

static struct nameset with_hash = NAMESET_ZERO;
static struct snapshot_rules rules = { .with_hash = &with_hash };

static struct control const controls[] = {
  /* file               kind            goes to     when absent */
  { "snapshotage",      CONTROL_NUMBER, &rules.age, "259200" },
  { "snapshotlogins",   CONTROL_NAMES,  &with_hash, 0 },
  { 0 }
};

/* ---- the client ---- */

static size_t worker;         /* which we are */

static struct {
  int fd;
  uid_t uid;
  char in[2 * STORE_FRAME_MAX];
  size_t at, len;
  stralloc out;
} client;

static bool take(struct store_frame *f, int ms)
{
  int64_t const deadline = monotonic_ms() + ms;
  for (;;) {
    long const n = store_frame_unpack(f, client.in + client.at, client.len - client.at);
    if (n > 0) client.at += (size_t)n;
    if (n) return n > 0;
    memmove(client.in, client.in + client.at, client.len - client.at);
    client.len -= client.at;
    client.at = 0;
    if (!service_comes(client.fd, deadline) || !service_take(client.fd, client.in, sizeof client.in, &client.len)) return false;
  }
}

/* Nothing is done any more for who does not wait for the answer. */
static bool is_gone(void)
{
  char c;
  return recv(client.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool flush(void)
{
  bool done = service_send(client.fd, client.out.s, client.out.len, monotonic_ms() + ANSWER_MS);
  client.out.len = 0;
  return done;
}

static bool say(struct store_frame const *f)
{
  static char frame[STORE_FRAME_MAX];
  size_t const len = store_frame_pack(frame, f);
  if (!len || !bytes_addb(&client.out, frame, len)) return false;
  return client.out.len < OUT_MAX || flush();
}

static void end(enum store_result r, uint32_t number)
{
  struct store_frame f = { .word = STORE_SAYS_DONE + (r - STORE_DONE), .number = number };
  if (r == STORE_TROUBLE) f.number = (uint32_t)errno;
  if (say(&f)) flush();
}

/* ---- questions ---- */

static enum store_result find_now(struct vpasswd *record, struct field domain, struct field name)
{
  struct statement_table table;
  errno = ENOENT;
  return database_table(&table, domain) ? changes_find(record, &table, domain, name, STATEMENT_FIND) : STORE_TROUBLE;
}

/* Before it is said that there is nobody: he may be in a table that is new. */
static enum store_result find_there(struct vpasswd *record, struct field domain, struct field name)
{
  enum store_result r = database_ready(SQL_TO_READ) ? find_now(record, domain, name) : STORE_TROUBLE;
  if (r != STORE_DONE && database_look_again()) r = find_now(record, domain, name);
  if (r != STORE_TROUBLE && away_is()) away_end();
  if (r == STORE_TROUBLE && !database_is_connected()) away_begin(errno);
  return r;
}

/* With the errno of the database, where that tells nothing. */
static enum store_result find_lately(struct vpasswd *record, struct field domain, struct field name, bool with_hash)
{
  static stralloc space = STRALLOC_ZERO;
  long age;
  int e = errno;
  bool may = rules.age && !recent_has(domain, name);
  enum store_result r = may ? snapshot_find(record, &space, &rules, domain, name, with_hash, &age) : STORE_TROUBLE;
  if (r == STORE_LATELY) away_used(rules.path, age);
  errno = e;
  return r;
}

/* Commands, for whom nothing else will do, wait for it even while it is away. */
static void find(struct field domain, struct field name, uint32_t age)
{
  struct store_frame f = { .word = STORE_SAYS_RECORD };
  struct vpasswd *record = &f.edit.record;
  enum store_result r = age != STORE_AS_IT_IS && away_is() ? STORE_TROUBLE : find_there(record, domain, name);
  if (r == STORE_TROUBLE && age != STORE_AS_IT_IS) r = find_lately(record, domain, name, age == STORE_AS_IT_WAS_WITH_HASH);
  if ((r == STORE_DONE || r == STORE_LATELY) && !say(&f)) return;
  end(r, 0);
}

static bool list_one(void *damaged, struct field const *columns, size_t count)
{
  struct store_frame f = { .word = STORE_SAYS_RECORD };
  if (statement_record(&f.edit.record, columns, count)) return say(&f);
  *(bool *)damaged = true;
  return true;
}

static enum store_result list_there(struct field domain)
{
  struct statement_table table;
  struct vpasswd const nobody = { .uid = 0 };
  bool damaged = false;
  uint64_t affected;
  enum store_result r = STORE_TROUBLE;
  if (database_ready(SQL_TO_READ)) {
    database_look_again();
    struct database_task const task = { STATEMENT_LIST, &table, &nobody, domain, list_one, &damaged };
    errno = ENOENT;
    if (database_table(&table, domain) && database_run(&task, &affected) == SQL_DONE) r = STORE_DONE;
  }
  if (damaged) r = STORE_TROUBLE, errno = EPROTO;
  return r;
}

static bool list_one_of_lately(void *said, struct vpasswd const *record)
{
  struct store_frame const f = { .word = STORE_SAYS_RECORD, .edit.record = *record };
  return *(bool *)said = say(&f);
}

static enum store_result list_lately(struct field domain)
{
  long age;
  bool said = true;
  int e = errno;
  enum store_result r = snapshot_list(&rules, domain, list_one_of_lately, &said, &age);
  if (r == STORE_LATELY && said) return away_used(rules.path, age), r;
  return errno = e, STORE_TROUBLE;
}

/* Whoever has heard some of them is told of trouble, if there comes any. */
static void list(struct field domain, uint32_t age)
{
  bool lately = age != STORE_AS_IT_IS && rules.age && away_is();
  end(lately ? list_lately(domain) : list_there(domain), 0);
}

/* What is behind one that cannot be done is heard all the same: who asks sends it all before he listens. */
static bool take_changes(struct sql_changes *c, uint32_t count, enum store_result *r, uint32_t *culprit)
{
  struct store_frame f;
  for (uint32_t i = 0; i < count; i++) {
    if (!take(&f, CHANGES_MS) || f.word < STORE_SAYS_ADD || f.word > STORE_SAYS_REMOVE) return false;
    if (*r != STORE_DONE) continue;
    recent_add(c->domain, f.edit.record.name);
    *culprit = i;
    *r = changes_do(c, &f.edit);
  }
  return true;
}

static void edit(struct field domain, uint32_t count)
{
  struct sql_changes c;
  uint32_t culprit = 0;
  recent_begin(worker);
  enum store_result r = changes_begin(&c, domain, count);
  bool begun = r == STORE_DONE;
  int e = errno;
  bool whole = take_changes(&c, count, &r, &culprit) && !is_gone();
  if (begun && whole && r == STORE_DONE) r = changes_end();
  else if (begun) {
    e = errno;
    changes_forget();
    errno = e;
  } else errno = e;
  if (whole) end(r, culprit);
  recent_end(worker);
  away_ring();
}

static void answer(struct store_frame const *question)
{
  static stralloc real = STRALLOC_ZERO, name = STRALLOC_ZERO;
  enum peer_result may = peer_may(client.uid, &real, question->domain);
  struct field const domain = { real.s, real.len };
  errno = may == PEER_MAY_NOT ? EREMOTEIO : errno;
  if (may != PEER_MAY || !bytes_setb(&name, question->edit.record.name.s, question->edit.record.name.len)) {
    end(STORE_TROUBLE, 0);
    return;
  }
  case_lowerb(name.s, name.len);
  alarm(question->word == STORE_SAYS_FIND ? FIND_SECONDS : LONG_SECONDS);
  switch (question->word) {
    case STORE_SAYS_FIND: find(domain, (struct field){ name.s, name.len }, question->number); break;
    case STORE_SAYS_LIST: list(domain, question->number); break;
    case STORE_SAYS_EDIT: edit(domain, question->number); break;
    default: break;
  }
  alarm(0);
}

/* ---- the workers ---- */

static struct service door = { .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX };
static int listener, only_one;
static struct workers workers;

/* The one behind those who are asked is the keeper. */
static int begin(size_t mine)
{
  close(only_one);
  if (mine == WORKERS) keeper_run(&rules);
  worker = mine;
  recent_end(worker);
  return listener;
}

static void serve(int fd, size_t mine)
{
  struct store_frame question;
  client.fd = fd;
  client.at = client.len = client.out.len = 0;
  if (!service_peer(fd, &client.uid)) return;
  if (!seat_take(workers.seats, WORKERS, mine, client.uid, peer_is_of_us(client.uid))) {
    errno = EAGAIN;
    end(STORE_TROUBLE, 0);
    return;
  }
  if (take(&question, QUESTION_MS) && !is_gone()) answer(&question);
  explicit_bzero(client.in, client.len);
  seat_leave(workers.seats + mine);
}

/* ---- the beginning ---- */

char const *sqlstore_home(void)
{
  static stralloc home = STRALLOC_ZERO;
  struct passwd const *pw;
  if (home.len) return home.s;
  if (passwd_find(&pw, "vpopmail") != PASSWD_FOUND || pw->pw_dir[0] != '/') strerr_dief(111, "no account vpopmail with a home");
  if (!bytes_set(&home, pw->pw_dir) || !bytes_z(&home)) die_nomem();
  return home.s;
}

static void be_the_only_one(char const *path)
{
  only_one = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (only_one == -1) strerr_diefusys(111, "open ", HOME, "/", path);
  if (!lock_try(only_one)) strerr_dief(111, "another ", PROG, " is running");
}

static void open_socket(char const *name)
{
  static char path[64], lock[64], snapshot[64], aside[64], away[64];
  snprintf(path, sizeof path, USERS_PLACE "/%s", name);
  snprintf(lock, sizeof lock, USERS_PLACE "/%s.lock", name);
  snprintf(snapshot, sizeof snapshot, USERS_PLACE "/%s.snapshot", name);
  snprintf(aside, sizeof aside, USERS_PLACE "/%s.snapshot.tmp", name);
  rules.path = snapshot;
  snprintf(away, sizeof away, USERS_PLACE "/%s.away", name);
  rules.aside = aside;
  rules.away = away;
  be_the_only_one(lock);
  door.path = path;
  listener = service_listen(&door, 0);
  if (listener == -1) strerr_diefusys(111, "listen on ", HOME, "/", path);
}

static void serve_until_term(struct sql const *sql, struct confinement const *confinement)
{
  workers_own_signals();
  enter_home();
  control_load_or_die(controls);
  database_use(sql);
  open_socket(sql->name);
  workers = (struct workers){ workers_seats(WORKERS + 1), WORKERS + 1, begin, serve, 0 };
  if (!away_share() || !recent_share()) die_nomem();
  confine_or_warn(confinement);
  workers_start(&workers);
  strerr_warni("workers listen on ", HOME, "/", door.path);
  workers_keep(&workers);
  service_end(&door, listener);
  workers_end(&workers);
}

int sqlstore_main(int argc, char const *const *argv, struct sql const *sql, struct confinement const *confinement)
{
  bool is_check = argc == 2 && strcmp(argv[1], SETUP_CHECK) == 0;
  if (argc > 1 && !is_check) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: vpopmail is the user");
  umask(077);
  if (is_check) return setup_check(sql);
  serve_until_term(sql, confinement);
  return 0;
}
