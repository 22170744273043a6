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
#include "subscribers_elsewhere.h"
#include "subscribers_file.h"
#include "subscribers_records.h"
#include "table_client.h"
#include "text.h"

enum { HOMES_MAX = 4, OWN_HASH = -1 };

struct subscribers {
  enum subdb_kind kind;
  stralloc name;                    /* of the table, "" of the list itself */
  stralloc directory, lock, log;    /* DIR/subscribers, DIR/lock, DIR/Log of the table, from the list's directory */
  bool gathers;                     /* changes are gathered */
  int held;                         /* the lock meanwhile; of a database none */
  stralloc lines;                   /* for the log, when they are written */
  struct later *later;              /* changes that a database is asked for together */
  size_t later_count;
  size_t refused;                   /* of those, and of those before them */
};

struct later { bool adds; stralloc address, comment; char const *tag; int forced; };

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

struct subscribers *subscribers_open(struct list const *l, char const *table, char const *subdb)
{
  struct subscribers *s = calloc(1, sizeof *s);
  while (!s) memory_gone(), s = calloc(1, sizeof *s);
  char const *name = name_of(l, table);
  s->kind = table_kind_of(l, subdb);
  if (s->kind != SUBDB_FILES) table_client_open(l, s->kind, subdb);
  text_set(&s->name, name);
  path_of(&s->directory, name, "subscribers");
  path_of(&s->lock, name, "lock");
  path_of(&s->log, name, "Log");
  return s;
}

void subscribers_close(struct subscribers *s)
{
  stralloc_free(&s->name), stralloc_free(&s->directory), stralloc_free(&s->lock), stralloc_free(&s->log), stralloc_free(&s->lines);
  for (size_t i = 0; s->later && i < TABLE_TOGETHER; i++) stralloc_free(&s->later[i].address), stralloc_free(&s->later[i].comment);
  free(s->later);
  free(s);
}

static struct field name_in(struct subscribers const *s)
{
  return (struct field){ s->name.s, s->name.len };
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
  if (s->kind != SUBDB_FILES) return elsewhere_find(name_in(s), address, found), found->len;
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

/* What it is, why, and of the file of which hash. */
struct wanted { bool adds; struct subscribers_event const *why; int forced; };

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

/* ---- many changes of a database ---- */

static void refused(struct subscribers *s, struct field address, struct field why)
{
  stralloc text = STRALLOC_ZERO;
  text_addb(&text, address.s, address.len), text_add(&text, ": "), text_addb(&text, why.s, why.len);
  list_warn(0, "ERR_UNFIT", text_z(&text));
  stralloc_free(&text);
  s->refused++;
}

static struct subscribers_event why_of(struct later const *one)
{
  return (struct subscribers_event){ one->tag, { one->comment.s, one->comment.len } };
}

static void later_told(void *subscribers, size_t at, enum elsewhere_change change, struct field why)
{
  struct subscribers *s = subscribers;
  struct later const *one = s->later + at;
  struct field const address = { one->address.s, one->address.len };
  struct subscribers_event const event = why_of(one);
  if (change == ELSEWHERE_UNFIT) refused(s, address, why);
  if (change == ELSEWHERE_CHANGED) note_change(s, &event, address);
}

static void do_later(struct subscribers *s)
{
  struct elsewhere_wish wishes[TABLE_TOGETHER];
  size_t const count = s->later_count;
  for (size_t i = 0; i < count; i++)
    wishes[i] = (struct elsewhere_wish){ { s->later[i].address.s, s->later[i].address.len }, why_of(s->later + i), s->later[i].forced };
  s->later_count = 0;
  if (count) elsewhere_change_all(name_in(s), s->later->adds, wishes, count, later_told, s);
}

/* With others of its kind. */
static void change_later(struct subscribers *s, stralloc const *as_kept, struct wanted const *w)
{
  if (s->later_count == TABLE_TOGETHER || (s->later_count && s->later->adds != w->adds)) do_later(s);
  while (!s->later && !(s->later = calloc(TABLE_TOGETHER, sizeof *s->later))) memory_gone();
  struct later *one = s->later + s->later_count++;
  one->adds = w->adds;
  one->tag = w->why->tag;
  one->forced = w->forced;
  text_setb(&one->address, as_kept->s, as_kept->len);
  text_setb(&one->comment, w->why->comment.s, w->why->comment.len);
}

void subscribers_gather(struct subscribers *s)
{
  s->gathers = true;
  if (s->kind != SUBDB_FILES) {
    elsewhere_do(TABLE_SAYS_BEGIN);
    return;
  }
  s->held = list_lock(s->lock.s);
  subscribers_files_gather();
}

static size_t settle_files(struct subscribers *s)
{
  subscribers_files_write(s->directory.s);
  fd_close(s->held);
  return 0;
}

static size_t settle_elsewhere(struct subscribers *s)
{
  do_later(s);
  size_t const refused = s->refused;
  s->refused = 0;
  elsewhere_do(TABLE_SAYS_COMMIT);
  return refused;
}

size_t subscribers_settle(struct subscribers *s)
{
  size_t const refused = (s->kind == SUBDB_FILES ? settle_files : settle_elsewhere)(s);
  s->gathers = false;
  log_changes(s);
  return refused;
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
  if (s->gathers) subscribers_settle(s);
  list_die(LIST_REFUSED, 0, "ERR_BAD_ADDRESS", 0, 0);
}

static bool change_files(struct subscribers *s, stralloc const *as_kept, struct wanted const *w)
{
  int const lock = s->gathers ? -1 : list_lock(s->lock.s);
  bool const changed = (w->adds ? add_locked : remove_locked)(s, as_kept, w->forced);
  if (lock != -1) fd_close(lock);
  return changed;
}

static bool change_elsewhere(struct subscribers *s, stralloc const *as_kept, struct wanted const *w)
{
  struct field const address = { as_kept->s, as_kept->len };
  if (s->gathers) return change_later(s, as_kept, w), false;
  enum elsewhere_change const change = (w->adds ? elsewhere_add : elsewhere_remove)(name_in(s), address, w->why, w->forced);
  if (change == ELSEWHERE_UNFIT) refuse_address(s);
  return change == ELSEWHERE_CHANGED;
}

static bool change(struct subscribers *s, struct field address, struct wanted const *w)
{
  stralloc as_kept = STRALLOC_ZERO;
  if (!subscribers_is_address(address)) refuse_address(s);
  text_addb(&as_kept, address.s, address.len);
  lower_domain(&as_kept);
  bool const changed = (s->kind == SUBDB_FILES ? change_files : change_elsewhere)(s, &as_kept, w);
  if (changed) note_change(s, w->why, (struct field){ as_kept.s, as_kept.len });
  if (!s->gathers) log_changes(s);
  stralloc_free(&as_kept);
  return changed;
}

bool subscribers_add(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced)
{
  return change(s, address, &(struct wanted){ true, why, forced });
}

bool subscribers_remove(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced)
{
  return change(s, address, &(struct wanted){ false, why, forced });
}

uint64_t subscribers_each(struct subscribers *s, struct subscribers_range which, void (*put)(void *to, struct field address), void *to)
{
  uint64_t count = 0;
  if (s->kind != SUBDB_FILES) return elsewhere_each(name_in(s), which, put, to);
  for (unsigned hash = which.low; hash <= which.high && hash < SUBSCRIBERS_HASHES; hash++)
    count += subscribers_file_each(s->directory.s, hash, put, to);
  return count;
}

/* ---- what only a database has ---- */

bool subscribers_are_elsewhere(struct subscribers const *s)
{
  return s->kind != SUBDB_FILES;
}

void subscribers_log(struct subscribers *s, void (*put)(void *to, struct field line), void *to)
{
  elsewhere_log(name_in(s), put, to);
}

void subscribers_drop(struct subscribers *s)
{
  if (s->kind != SUBDB_FILES) elsewhere_do(TABLE_SAYS_DROP);
}

bool subscribers_note_post(struct subscribers *s, struct subscribers_post const *post, stralloc *why)
{
  return s->kind == SUBDB_FILES || elsewhere_note_post(name_in(s), post, why);
}

bool subscribers_answer(struct list const *l, stralloc *why)
{
  enum subdb_kind kind;
  return table_kind_try(0, &kind, why) && (kind == SUBDB_FILES || elsewhere_answers(l, kind, why));
}

bool subscribers_make(struct list const *l, stralloc *why)
{
  enum subdb_kind kind;
  return table_kind_try(0, &kind, why) && (kind == SUBDB_FILES || elsewhere_make(l, kind, why));
}
