#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "address.h"
#include "list_words.h"
#include "subscribers.h"
#include "subscribers_file.h"
#include "subscribers_records.h"
#include "text.h"

enum { HOMES_MAX = 4, OWN_HASH = -1 };

struct subscribers {
  stralloc directory, lock, log;    /* DIR/subscribers, DIR/lock, DIR/Log of the table, from the list's directory */
  int gathering;                    /* the lock, while changes are gathered; -1 */
  stralloc lines;                   /* for the log, when they are written */
};

/* ---- the table ---- */

/* Its name below the list's directory, "" for the list itself. A name goes one level down, and nowhere else. */
static char const *name_of(struct list const *l, char const *table)
{
  char const *name = table ? table : ".";
  size_t const dir = strlen(l->dir);
  if (*name == '/' && !strncmp(name, l->dir, dir) && (!name[dir] || name[dir] == '/')) {
    name += dir;
    while (*name == '/') name++;
  }
  if (!strcmp(name, ".") || !*name) return "";
  if (strchr(name, '/') || *name == '.') list_die(LIST_TROUBLE, l, "ERR_SUBDIR", table, 0);
  return name;
}

static void path_of(stralloc *to, char const *table, char const *name)
{
  to->len = 0;
  text_add(to, table);
  if (*table) text_add(to, "/");
  text_add(to, name);
  text_z(to);
}

/* Files are what is left when nobody names a database. */
static void files_or_die(struct list const *l, char const *subdb)
{
  static stralloc said = STRALLOC_ZERO;
  if (!subdb && list_flag(l, "subdb") && list_setting(&said, l, "subdb", 0)) subdb = text_z(&said);
  if (!subdb && list_flag(l, "sql") && list_setting(&said, l, "sql", 0)) subdb = "sql";
  if (!subdb || !*subdb || !strcmp(subdb, "std") || !strncmp(subdb, "std:", 4)) return;
  list_die(LIST_TROUBLE, l, "ERR_DATABASE", subdb, 0);
}

struct subscribers *subscribers_open(struct list const *l, char const *table, char const *subdb)
{
  struct subscribers *s = calloc(1, sizeof *s);
  while (!s) memory_gone(), s = calloc(1, sizeof *s);
  char const *name = name_of(l, table);
  files_or_die(l, subdb);
  path_of(&s->directory, name, "subscribers");
  path_of(&s->lock, name, "lock");
  path_of(&s->log, name, "Log");
  s->gathering = -1;
  return s;
}

void subscribers_close(struct subscribers *s)
{
  stralloc_free(&s->directory), stralloc_free(&s->lock), stralloc_free(&s->log), stralloc_free(&s->lines);
  free(s);
}

/* ---- where an address is ---- */

static void lower_domain(stralloc *address)
{
  size_t const at = address_at(address->s, address->len);
  case_lowerb(address->s + at, address->len - at);
}

static size_t add_home(unsigned homes[HOMES_MAX], size_t count, unsigned hash)
{
  for (size_t i = 0; i < count; i++)
    if (homes[i] == hash) return count;
  homes[count] = hash;
  return count + 1;
}

/* The files in which it may be, the one where we put it first: other releases put it by its own case, and by 32 bits. */
static size_t homes_of(unsigned homes[HOMES_MAX], stralloc const *address, int forced)
{
  stralloc lower = STRALLOC_ZERO;
  size_t count = 0;
  if (forced != OWN_HASH) return add_home(homes, 0, (unsigned)forced);
  text_addx(&lower, address);
  case_lowerb(lower.s, lower.len);
  for (unsigned narrow = 0; narrow < 2; narrow++) {
    count = add_home(homes, count, subscribers_hash((struct field){ lower.s, lower.len }, narrow));
    count = add_home(homes, count, subscribers_hash((struct field){ address->s, address->len }, narrow));
  }
  stralloc_free(&lower);
  return count;
}

static bool is_in(struct subscribers *s, struct field address, stralloc *found)
{
  unsigned homes[HOMES_MAX];
  stralloc as_kept = STRALLOC_ZERO;
  bool have = false;
  text_addb(&as_kept, address.s, address.len);
  lower_domain(&as_kept);
  size_t const count = homes_of(homes, &as_kept, OWN_HASH);
  for (size_t i = 0; i < count && !have; i++) have = subscribers_file_have(s->directory.s, homes[i], address, found);
  stralloc_free(&as_kept);
  return have;
}

bool subscribers_have(struct subscribers *s, struct field address, stralloc *found)
{
  size_t const at = address_at(address.s, address.len);
  if (!subscribers_is_address(address)) return false;
  return is_in(s, address, found) || (at && is_in(s, (struct field){ address.s + at, address.len - at }, found));
}

/* ---- changes ---- */

static void add_clean(stralloc *to, struct field f, char lowest, bool tabs)
{
  for (size_t i = 0; i < f.len; i++)
    text_addc(to, tabs && f.s[i] == '\t' ? ' ' : f.s[i] >= lowest && f.s[i] < 127 ? f.s[i] : '?');
}

static void note_change(struct subscribers *s, struct subscribers_event const *why, struct field address)
{
  stralloc *line = &s->lines;
  text_addu(line, (uint64_t)time(0));
  text_add(line, " "), text_add(line, why->tag), text_add(line, " ");
  add_clean(line, address, 33, false);
  if (why->comment.len) text_add(line, " "), add_clean(line, why->comment, 32, true);
  text_add(line, "\n");
}

/* In one write, behind what others write; a change that has been made is none the less made for want of a line about it. */
static void log_changes(struct subscribers *s)
{
  int fd = s->lines.len ? open(s->log.s, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600) : -1;
  if (fd != -1) {
    fd_write(fd, s->lines.s, s->lines.len);
    fd_close(fd);
  }
  s->lines.len = 0;
}

void subscribers_gather(struct subscribers *s)
{
  s->gathering = list_lock(s->lock.s);
  subscribers_files_gather();
}

void subscribers_settle(struct subscribers *s)
{
  subscribers_files_write(s->directory.s);
  fd_close(s->gathering);
  s->gathering = -1;
  log_changes(s);
}

static bool add_locked(struct subscribers *s, stralloc const *address, int forced)
{
  unsigned homes[HOMES_MAX];
  struct field const a = { address->s, address->len };
  size_t const count = homes_of(homes, address, forced);
  for (size_t i = 1; i < count; i++)
    if (subscribers_file_have(s->directory.s, homes[i], a, 0)) return false;
  return subscribers_file_add(s->directory.s, homes[0], a);
}

/* Out of every file: who is told that he has left has left. */
static bool remove_locked(struct subscribers *s, stralloc const *address, int forced)
{
  unsigned homes[HOMES_MAX];
  bool removed = false;
  size_t const count = homes_of(homes, address, forced);
  for (size_t i = 0; i < count; i++)
    removed |= subscribers_file_remove(s->directory.s, homes[i], (struct field){ address->s, address->len });
  return removed;
}

static _Noreturn void refuse_address(struct subscribers *s)
{
  if (s->gathering != -1) subscribers_settle(s);
  list_die(LIST_REFUSED, 0, "ERR_BAD_ADDRESS", 0, 0);
}

static bool change(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced,
                   bool (*locked)(struct subscribers *s, stralloc const *address, int forced))
{
  stralloc as_kept = STRALLOC_ZERO;
  if (!subscribers_is_address(address)) refuse_address(s);
  text_addb(&as_kept, address.s, address.len);
  lower_domain(&as_kept);
  int const lock = s->gathering == -1 ? list_lock(s->lock.s) : -1;
  bool const changed = locked(s, &as_kept, forced);
  if (lock != -1) fd_close(lock);
  if (changed) note_change(s, why, (struct field){ as_kept.s, as_kept.len });
  if (s->gathering == -1) log_changes(s);
  stralloc_free(&as_kept);
  return changed;
}

bool subscribers_add(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced)
{
  return change(s, address, why, forced, add_locked);
}

bool subscribers_remove(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced)
{
  return change(s, address, why, forced, remove_locked);
}

uint64_t subscribers_each(struct subscribers *s, struct subscribers_range which, void (*put)(void *to, struct field address), void *to)
{
  uint64_t count = 0;
  for (unsigned hash = which.low; hash <= which.high && hash < SUBSCRIBERS_HASHES; hash++)
    count += subscribers_file_each(s->directory.s, hash, put, to);
  return count;
}
