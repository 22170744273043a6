#include <errno.h>
#include <stdio.h>

#include <skalibs/strerr.h>

#include "away.h"
#include "changes.h"
#include "connection.h"
#include "control.h"
#include "database.h"
#include "die.h"
#include "helper.h"
#include "keeper.h"
#include "recent.h"
#include "setup_check.h"
#include "sqlstore.h"
#include "users_wire.h"

/* ---- control ---- */

static struct nameset with_hash = NAMESET_ZERO;
static struct snapshot_rules rules = { .with_hash = &with_hash };

static struct control const controls[] = {
  /* file               kind            goes to     when absent */
  { "snapshotage",      CONTROL_NUMBER, &rules.age, "259200" },
  { "snapshotlogins",   CONTROL_NAMES,  &with_hash, 0 },
  { 0 }
};

static size_t worker;         /* which we are */

/* ---- one user ---- */

static enum store_result find_now(struct vpasswd *record, struct field domain, struct field name)
{
  struct statement_table table;
  return changes_table(&table, domain) ? changes_find(record, &table, domain, name, STATEMENT_FIND) : STORE_TROUBLE;
}

/* Before it is said that there is nobody: he may be in a table that is new. */
static enum store_result find_there(struct vpasswd *record, struct field domain, struct field name)
{
  if (!away_is()) connection_wake();
  enum store_result r = database_ready(SQL_TO_READ) ? find_now(record, domain, name) : STORE_TROUBLE;
  if (r != STORE_DONE && database_look_again()) r = find_now(record, domain, name);
  if (r != STORE_TROUBLE && away_is()) away_end();
  if (r == STORE_TROUBLE && !database_is_connected()) away_begin(errno);
  return r;
}

static unsigned lately_how(void)
{
  return helper_is_of_another() ? SNAPSHOT_NO_TABLE : 0;
}

/* With the errno of the database, where that tells nothing. */
static enum store_result find_lately(struct vpasswd *record, struct field domain, struct field name, bool with_hash)
{
  static stralloc space = STRALLOC_ZERO;
  long age;
  int e = errno;
  bool may = rules.age && !recent_has(domain, name);
  unsigned const how = lately_how() | (with_hash ? SNAPSHOT_WITH_HASH : 0);
  enum store_result r = may ? snapshot_find(record, &space, &rules, domain, name, how, &age) : STORE_TROUBLE;
  if (r == STORE_LATELY) away_used(rules.path, age);
  errno = e;
  return r;
}

/* Commands, for whom nothing else will do, wait for it even while it is away. */
static enum store_result find(struct vpasswd *record, struct field domain, struct field name, uint32_t age)
{
  enum store_result r = age != STORE_AS_IT_IS && away_is() ? STORE_TROUBLE : find_there(record, domain, name);
  if (r == STORE_TROUBLE && age != STORE_AS_IT_IS) r = find_lately(record, domain, name, age == STORE_AS_IT_WAS_WITH_HASH);
  return r;
}

/* ---- all users ---- */

struct listing { store_each *each; void *with; bool is_damaged, is_cut; };

static bool list_one(void *listing_, struct field const *columns, size_t count)
{
  struct listing *listing = listing_;
  struct vpasswd record;
  if (statement_record(&record, columns, count)) return listing->each(listing->with, &record);
  listing->is_damaged = true;
  return true;
}

static enum store_result list_there(struct field domain, struct listing *listing)
{
  struct statement_table table;
  struct vpasswd const nobody = { .uid = 0 };
  uint64_t affected;
  enum store_result r = STORE_TROUBLE;
  if (database_ready(SQL_TO_READ)) {
    database_look_again();
    struct database_task const task = { STATEMENT_LIST, &table, &nobody, domain, list_one, listing };
    if (changes_table(&table, domain) && database_run(&task, &affected) == SQL_DONE) r = STORE_DONE;
  }
  if (listing->is_damaged) r = STORE_TROUBLE, errno = EPROTO;
  return r;
}

static bool list_one_of_lately(void *listing_, struct vpasswd const *record)
{
  struct listing *listing = listing_;
  listing->is_cut = !listing->each(listing->with, record);
  return !listing->is_cut;
}

static enum store_result list_lately(struct field domain, struct listing *listing)
{
  long age;
  int e = errno;
  enum store_result r = snapshot_list(&rules, domain, lately_how(), list_one_of_lately, listing, &age);
  if (r == STORE_LATELY && !listing->is_cut) return away_used(rules.path, age), r;
  return errno = e, STORE_TROUBLE;
}

/* Whoever has heard some of them is told of trouble, if there comes any. */
static enum store_result list(struct field domain, store_each *each, void *with, uint32_t age)
{
  struct listing listing = { each, with, false, false };
  bool lately = age != STORE_AS_IT_IS && rules.age && away_is();
  return lately ? list_lately(domain, &listing) : list_there(domain, &listing);
}

/* ---- changes ---- */

/* What is behind one that cannot be done is heard all the same: who asks sends it all before he listens. With the errno of that one. */
static bool take_changes(struct sql_changes *c, uint32_t count, enum store_result *r, uint32_t *culprit, int *error)
{
  struct store_frame f;
  for (uint32_t i = 0; i < count; i++) {
    if (!helper_change(&f)) return false;
    if (*r != STORE_DONE) continue;
    recent_add(c->domain, f.edit.record.name);
    *culprit = i;
    *r = changes_do(c, &f.edit);
    *error = errno;
  }
  return true;
}

static bool edit(struct field domain, uint32_t count, enum store_result *r, uint32_t *culprit)
{
  struct sql_changes c;
  recent_begin(worker);
  *r = changes_begin(&c, domain, count);
  bool begun = *r == STORE_DONE;
  int e = errno;
  bool whole = take_changes(&c, count, r, culprit, &e) && !helper_is_alone();
  if (begun && whole && *r == STORE_DONE) *r = changes_end(), e = errno;
  else if (begun) changes_forget();
  recent_end(worker);
  away_ring();
  errno = e;
  return whole;
}

/* ---- the program ---- */

static struct sql_users const *users;

static char const *snapshot_file(char to[64], char const *ending)
{
  snprintf(to, 64, USERS_PLACE "/%s.%s", users->name, ending);
  return to;
}

static void prepare(void)
{
  static char path[64], aside[64], away[64], recent[64];
  control_load_or_die(controls);
  rules.path = snapshot_file(path, "snapshot");
  rules.aside = snapshot_file(aside, "snapshot.tmp");
  rules.away = snapshot_file(away, "away");
  if (!away_share() || !recent_share()) die_nomem();
  if (rules.age && !recent_keep(snapshot_file(recent, "recent"))) strerr_warnwusys("open ", recent);
}

static void keep(void)
{
  keeper_run(&rules);
}

static void begin(size_t mine)
{
  worker = mine;
  recent_end(worker);
}

static int check(void)
{
  return setup_check(users);
}

int sqlstore_main(int argc, char const *const *argv, struct sql_users const *u, struct confinement const *confinement)
{
  struct helper const helper = {
    .name = u->name, .find = find, .list = list, .edit = edit, .check = check, .prepare = prepare, .keep = keep, .begin = begin
  };
  users = u;
  database_use(users);
  return helper_main(argc, argv, &helper, confinement);
}
