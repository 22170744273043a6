#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "away.h"
#include "database.h"
#include "keeper.h"
#include "monotonic.h"
#include "recent.h"

enum {
  BETWEEN_MS = 60000,           /* from one snapshot to the next, or */
  BETWEEN_TIMES = 100,          /* as often as long as one takes; */
  SOON_MS = 2000,               /* where we have changed something ourselves, */
  SOON_TIMES = 20,              /* or so long; */
  LATEST_MS = 900000,           /* and never longer */
  PROBE_MS = 500,               /* after one in vain, and each time more, */
  PROBE_LATEST_MS = 2000,       /* up to this */
  PROBE_SECONDS = 12,           /* whatever a library does: after these another process takes its place */
  SNAPSHOT_SECONDS = 600
};

static struct snapshot_rules const *rules;
static bool is_warned;

/* ---- is it back? ---- */

/* Whether a question about nobody has an answer. */
static bool probe(void)
{
  struct statement_table table;
  struct vpasswd const nobody = { .name = field_of("@") };
  struct database_task const task = { STATEMENT_FIND, &table, &nobody, field_of("@"), 0, 0 };
  uint64_t affected;
  alarm(PROBE_SECONDS);
  bool well = database_ready(SQL_TO_READ) && (!database_common_table(&table) || database_run(&task, &affected) != SQL_TROUBLE);
  int e = errno;
  alarm(0);
  errno = e;
  return well;
}

/* For who looks from outside. */
static void show_away(void)
{
  int fd = open(rules->away, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd != -1) fd_close(fd);
}

static void wait_for_it(void)
{
  for (int pause = PROBE_MS; !probe(); pause = pause < PROBE_LATEST_MS ? pause + PROBE_MS : PROBE_LATEST_MS) {
    away_begin(errno);
    show_away();
    away_listen(pause);
  }
  unlink(rules->away);
  away_end();
}

/* ---- the snapshot ---- */

struct reading { struct snapshot_writer *writer; struct field table; bool is_broken; };

enum { DOMAIN = 7 };            /* the column behind those of a record */

/* Of a name that nobody finds. */
static bool is_hidden(struct field name)
{
  if (database_tells_case())
    for (size_t i = 0; i < name.len; i++)
      if (name.s[i] >= 'A' && name.s[i] <= 'Z') return true;
  return false;
}

/* What is damaged nobody is told now either. */
static bool take_row(void *with, struct field const *columns, size_t count)
{
  struct reading *r = with;
  struct vpasswd record;
  bool const has_domain = count > DOMAIN;
  if (is_hidden(columns[0]) || (has_domain && is_hidden(columns[DOMAIN]))) return true;
  if (!statement_record(&record, columns, has_domain ? DOMAIN : count)) return true;
  r->is_broken = !snapshot_add(r->writer, has_domain ? columns[DOMAIN] : r->table, &record);
  return !r->is_broken;
}

/* A table of one name that cannot be read, on a server that can, is no table of users. */
static bool read_table(void *with, struct statement_table const *table)
{
  struct reading *r = with;
  struct vpasswd const nobody = { .uid = 0 };
  struct database_task const task = { STATEMENT_ALL, table, &nobody, field_of(""), take_row, r };
  uint64_t affected;
  r->table = field_of(table->name);
  if (table->is_of_one_domain && !snapshot_add_table(r->writer, r->table)) return r->is_broken = true, false;
  if (database_run(&task, &affected) != SQL_TROUBLE) return !r->is_broken;
  return table->is_of_one_domain && database_ready(SQL_TO_READ);
}

static void warn(char const *what)
{
  if (!is_warned) strerr_warnwusys(what, rules->path);
  is_warned = true;
}

/* False: the database is away, or went away. */
static bool read_all(struct snapshot_writer *w)
{
  struct reading r = { .writer = w };
  bool read = database_each_table(read_table, &r);
  if (read && snapshot_commit(w)) return is_warned = false, true;
  int e = errno;
  bool away = !read && !r.is_broken;
  snapshot_forget(w);
  errno = e;
  if (!away) warn("write ");
  errno = e;
  return !away;
}

static bool renew(void)
{
  struct snapshot_writer w;
  uint64_t const before = recent_now();
  if (!rules->age) return recent_forget(before), true;
  if (!database_ready(SQL_TO_READ) || !database_look()) return false;
  if (!snapshot_begin(&w, rules)) return warn("write "), true;
  if (!read_all(&w)) return false;
  if (!is_warned) recent_forget(before);
  return true;
}

/* ---- the life ---- */

static int64_t clamp(int64_t least, int64_t n)
{
  return n < least ? least : n > LATEST_MS ? LATEST_MS : n;
}

/* Until it is time again; sooner when it is away, or somebody was changed. */
static void rest(int64_t took)
{
  int64_t const done = monotonic_ms();
  for (;;) {
    int64_t const pause = recent_is_empty() ? clamp(BETWEEN_MS, BETWEEN_TIMES * took) : clamp(SOON_MS, SOON_TIMES * took);
    int64_t const left = done + pause - monotonic_ms();
    if (left <= 0 || away_is()) return;
    away_listen((int)left);
  }
}

static void keep(void)
{
  int64_t const begun = monotonic_ms();
  alarm(SNAPSHOT_SECONDS);
  bool renewed = renew();
  int e = errno;
  alarm(0);
  if (!renewed) errno = e, away_begin(e);
  else rest(monotonic_ms() - begun);
}

_Noreturn void keeper_run(struct snapshot_rules const *r)
{
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  rules = r;
  unlink(rules->away);
  if (!rules->age) unlink(rules->path);
  for (;;) {
    if (away_is()) wait_for_it();
    keep();
  }
}
