#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "cdb_at.h"
#include "cdb_records.h"
#include "store.h"
#include "vpasswd_pair.h"
#include "vpasswd_text.h"

enum { LOCK_SECONDS = 60 };

/* ---- one user ---- */

static struct kept_file *kept;

void store_cdb_keep(struct kept_file *place)
{
  kept = place;
}

/* The name in lower case, then the value: 1, 0 when there is none, -1 with errno. */
static int find_value(stralloc *space, int fd, struct field name)
{
  if (!bytes_setb(space, name.s, name.len)) return -1;
  case_lowerb(space->s, space->len);
  return cdb_at_find(space, fd, space->s, space->len, VPASSWD_LINE_MAX);
}

static enum store_result read_value(struct vpasswd *record, stralloc const *space, size_t name_len)
{
  struct field const name = { space->s, name_len };
  enum vpasswd_result r = vpasswd_parse_value(record, name, space->s + name_len, space->len - name_len);
  if (r == VPASSWD_DAMAGED) errno = EPROTO;
  return r == VPASSWD_RECORD ? STORE_DONE : r == VPASSWD_NONE ? STORE_NO_USER : STORE_TROUBLE;
}

static enum store_result find(struct store_domain const *domain, struct vpasswd *record, stralloc *space,
                              struct field name)
{
  if (!name.len || name.len > VPASSWD_LINE_MAX) return STORE_NO_USER;
  int fd = pair_open(domain->directory, kept);
  if (fd == -1) return STORE_TROUBLE;
  int r = find_value(space, fd, name);
  if (!kept) fd_close(fd);
  return r == 1 ? read_value(record, space, name.len) : r == 0 ? STORE_NO_USER : STORE_TROUBLE;
}

/* ---- all users ---- */

struct user_item { struct field name, value; };
struct user_items { struct user_item *all; size_t count, room; };

/* They lie behind each other in the order in which they were put in, and of two the first is the one that is found. */
static int compare_items(void const *a, void const *b)
{
  struct user_item const *x = a, *y = b;
  int r = vpasswd_text_compare(x->name, y->name);
  return r ? r : (x->name.s > y->name.s) - (x->name.s < y->name.s);
}

static bool keep_item(struct user_items *items, struct field name, struct field value)
{
  if (items->count == items->room) {
    size_t const room = items->room ? 2 * items->room : 64;
    struct user_item *all = reallocarray(items->all, room, sizeof *all);
    if (!all) return false;
    items->all = all;
    items->room = room;
  }
  items->all[items->count++] = (struct user_item){ name, value };
  return true;
}

static bool find_items(struct user_items *items, stralloc const *cdb)
{
  struct field name, value;
  size_t at = 0;
  enum cdb_records_result r;
  while ((r = cdb_records_next(&name, &value, cdb->s, cdb->len, &at)) == CDB_RECORDS_ONE)
    if (!keep_item(items, name, value)) return false;
  errno = EPROTO;
  return r == CDB_RECORDS_END;
}

static enum store_result call_each(struct user_items *items, store_each *each, void *with)
{
  enum store_result r = STORE_DONE;
  if (items->count) qsort(items->all, items->count, sizeof *items->all, compare_items);
  for (size_t i = 0; i < items->count; i++) {
    struct user_item const *u = items->all + i;
    struct vpasswd record;
    if (i && vpasswd_text_compare(u[-1].name, u->name) == 0) continue;
    enum vpasswd_result parsed = vpasswd_parse_value(&record, u->name, u->value.s, u->value.len);
    if (parsed == VPASSWD_DAMAGED) r = STORE_TROUBLE;
    if (parsed == VPASSWD_RECORD && !each(with, &record)) break;
  }
  if (r == STORE_TROUBLE) errno = EPROTO;
  return r;
}

static enum store_result list(struct store_domain const *domain, store_each *each, void *with)
{
  stralloc cdb = STRALLOC_ZERO;
  struct user_items items = { 0 };
  bool read = pair_read_cdb(&cdb, domain->directory) && find_items(&items, &cdb);
  enum store_result r = read ? call_each(&items, each, with) : STORE_TROUBLE;
  free(items.all);
  stralloc_free(&cdb);
  return r;
}

/* ---- changes ---- */

static enum store_result edit_locked(int directory, struct store_edit const *edits, size_t count, size_t *culprit,
                                     stralloc *old, stralloc *new)
{
  if (!pair_repair(directory) || pair_read_text(old, directory) == -1) return STORE_TROUBLE;
  enum store_result r = vpasswd_text_edit(new, old->s, old->len, edits, count, culprit);
  if (r != STORE_DONE) return r;
  return pair_write(directory, new->s, new->len) ? STORE_DONE : STORE_TROUBLE;
}

static enum store_result edit(struct store_domain const *domain, struct store_edit const *edits, size_t count,
                              size_t *culprit)
{
  stralloc old = STRALLOC_ZERO, new = STRALLOC_ZERO;
  int lock = pair_lock(domain->directory, LOCK_SECONDS);
  if (lock == -1) return STORE_TROUBLE;
  enum store_result r = edit_locked(domain->directory, edits, count, culprit, &old, &new);
  stralloc_free(&old);
  stralloc_free(&new);
  fd_close(lock);
  return r;
}

enum store_result store_cdb_renew(struct store_domain const *domain)
{
  int lock = pair_lock(domain->directory, LOCK_SECONDS);
  if (lock == -1) return STORE_TROUBLE;
  bool made = pair_renew(domain->directory);
  fd_close(lock);
  return made ? STORE_DONE : STORE_TROUBLE;
}

struct store const store_cdb = { .name = "cdb", .find = find, .list = list, .edit = edit };
