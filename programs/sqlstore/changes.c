#include <errno.h>
#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "changes.h"
#include "database.h"
#include "helper.h"
#include "store_wire.h"
#include "vpasswd_text.h"

/* ---- where he is ---- */

bool changes_table(struct statement_table *to, struct field domain)
{
  if (!database_table(to, domain)) return errno = ENOENT, false;
  return !to->is_of_one_domain || !helper_is_of_another() || (errno = EREMOTEIO, false);
}

/* ---- one user ---- */

static char kept[STORE_FRAME_MAX];

struct search { struct field name; size_t len; bool is_damaged; };

/* Of what a database takes for the same. */
static bool keep(void *with, struct field const *columns, size_t count)
{
  struct search *s = with;
  struct store_frame f = { .word = STORE_SAYS_RECORD };
  if (vpasswd_text_compare(columns[0], s->name) != 0) return true;
  s->len = statement_record(&f.edit.record, columns, count) ? store_frame_pack(kept, &f) : 0;
  s->is_damaged = !s->len;
  return false;
}

/* A name that no column holds is nobody's. In ASCII every column holds it, so what does not fit is in a row, or in a view. */
static enum store_result nobody_or_trouble(struct field name)
{
  for (size_t i = 0; i < name.len; i++)
    if (!name.s[i] || (unsigned char)name.s[i] > 127) return STORE_NO_USER;
  int e = errno;
  database_warn("a user cannot be read: ");
  return errno = e, STORE_TROUBLE;
}

enum store_result changes_find(struct vpasswd *record, struct statement_table const *table, struct field domain, struct field name,
                               enum statement_kind kind)
{
  struct search s = { .name = name };
  struct vpasswd const wanted = { .name = name };
  struct database_task const task = { kind, table, &wanted, domain, keep, &s };
  struct store_frame f;
  uint64_t affected;
  switch (database_run(&task, &affected)) {
    case SQL_DONE: break;
    case SQL_UNFIT: return nobody_or_trouble(name);
    default: return STORE_TROUBLE;
  }
  if (s.is_damaged) return errno = EPROTO, STORE_TROUBLE;
  if (!s.len) return STORE_NO_USER;
  store_frame_unpack(&f, kept, s.len);
  *record = f.edit.record;
  return STORE_DONE;
}

/* ---- what is done ---- */

static enum store_result write_record(struct sql_changes const *c, enum statement_kind kind, struct vpasswd const *record)
{
  struct database_task const task = { kind, &c->table, record, c->domain, 0, 0 };
  uint64_t affected = 0;
  switch (database_run(&task, &affected)) {
    case SQL_DONE: return affected || kind == STATEMENT_INSERT ? STORE_DONE : STORE_NO_USER;
    case SQL_TWICE: return STORE_EXISTS;
    case SQL_UNFIT: return STORE_UNFIT;
    default: return STORE_TROUBLE;
  }
}

static enum store_result put(struct sql_changes const *c, enum statement_kind kind, struct vpasswd const *record)
{
  return vpasswd_unfit(record) ? STORE_UNFIT : write_record(c, kind, record);
}

static enum store_result add(struct sql_changes const *c, struct store_edit const *edit)
{
  return put(c, STATEMENT_INSERT, &edit->record);
}

/* A database may take another name for the same, but for accents, or for blanks at the end: who is meant is looked at first. */
static enum store_result is_there(struct sql_changes const *c, struct store_edit const *edit)
{
  struct vpasswd record;
  return changes_find(&record, &c->table, c->domain, edit->record.name, STATEMENT_FIND_TO_CHANGE);
}

static enum store_result change(struct sql_changes const *c, struct store_edit const *edit)
{
  enum store_result r = is_there(c, edit);
  return r == STORE_DONE ? put(c, STATEMENT_UPDATE, &edit->record) : r;
}

/* What somebody wrote into other columns of the row is none of our business. */
static bool has_unfit_change(struct store_edit const *edit)
{
  struct vpasswd changed = { .name = { "x", 1 }, .hash = edit->record.hash };
  store_alter_record(&changed, edit);
  return vpasswd_unfit(&changed);
}

static enum store_result alter_one(struct sql_changes const *c, struct store_edit const *edit, struct field name)
{
  struct vpasswd record;
  enum store_result r = changes_find(&record, &c->table, c->domain, name, STATEMENT_FIND_TO_CHANGE);
  if (r != STORE_DONE) return r;
  store_alter_record(&record, edit);
  return write_record(c, STATEMENT_UPDATE, &record);
}

static bool keep_name(void *with, struct field const *columns, size_t count)
{
  (void)count;
  return bytes_addb(with, columns[0].s, columns[0].len) && bytes_addc(with, 0);
}

static enum store_result alter_names(struct sql_changes const *c, struct store_edit const *edit, stralloc const *names)
{
  enum store_result r = STORE_DONE;
  for (size_t at = 0; at < names->len && r == STORE_DONE; at += strlen(names->s + at) + 1) {
    r = alter_one(c, edit, (struct field){ names->s + at, strlen(names->s + at) });
    if (r == STORE_NO_USER) r = STORE_DONE;
  }
  return r;
}

static enum store_result alter_all(struct sql_changes const *c, struct store_edit const *edit)
{
  stralloc names = STRALLOC_ZERO;
  struct database_task const task = { STATEMENT_LIST, &c->table, &edit->record, c->domain, keep_name, &names };
  uint64_t affected;
  enum store_result r = database_run(&task, &affected) == SQL_DONE ? alter_names(c, edit, &names) : STORE_TROUBLE;
  stralloc_free(&names);
  return r;
}

static enum store_result alter(struct sql_changes const *c, struct store_edit const *edit)
{
  if (has_unfit_change(edit)) return STORE_UNFIT;
  return edit->record.name.len ? alter_one(c, edit, edit->record.name) : alter_all(c, edit);
}

/* Whether nobody has changed him since he was read. */
static enum store_result judge(struct sql_changes const *c, struct store_edit const *edit)
{
  static char is[STORE_FRAME_MAX], was[STORE_FRAME_MAX];
  struct store_frame f = { .word = STORE_SAYS_RECORD };
  enum store_result r = changes_find(&f.edit.record, &c->table, c->domain, edit->record.name, STATEMENT_FIND_TO_CHANGE);
  if (r != STORE_DONE) return r;
  f.edit.record.name = edit->record.name;
  size_t const len = store_frame_pack(is, &f);
  f.edit.record = edit->record;
  return store_frame_pack(was, &f) == len && memcmp(is, was, len) == 0 ? STORE_DONE : STORE_NO_USER;
}

static enum store_result remove_one(struct sql_changes const *c, struct store_edit const *edit)
{
  enum store_result r = edit->fields ? judge(c, edit) : is_there(c, edit);
  return r == STORE_DONE ? write_record(c, STATEMENT_DELETE, &edit->record) : r;
}

static enum store_result (*const deeds[])(struct sql_changes const *, struct store_edit const *) = {
  [STORE_ADD] = add, [STORE_CHANGE] = change, [STORE_ALTER] = alter, [STORE_REMOVE] = remove_one
};

/* ---- the transaction ---- */

enum store_result changes_begin(struct sql_changes *c, struct field domain, uint32_t count)
{
  c->domain = domain;
  if (!database_ready(count ? SQL_TO_CHANGE : SQL_TO_MAKE)) return STORE_TROUBLE;
  database_look_again();
  bool there = changes_table(&c->table, domain);
  if (!there && errno == ENOENT && !count) there = database_make_table() && changes_table(&c->table, domain);
  if (!there) return STORE_TROUBLE;
  return database_begin() ? STORE_DONE : STORE_TROUBLE;
}

enum store_result changes_do(struct sql_changes *c, struct store_edit const *edit)
{
  static stralloc name = STRALLOC_ZERO;
  struct store_edit lowered = *edit;
  if (!bytes_setb(&name, edit->record.name.s, edit->record.name.len)) return STORE_TROUBLE;
  case_lowerb(name.s, name.len);
  lowered.record.name = (struct field){ name.s, name.len };
  return deeds[edit->deed](c, &lowered);
}

enum store_result changes_end(void)
{
  return database_commit() ? STORE_DONE : STORE_TROUBLE;
}

void changes_forget(void)
{
  database_roll_back();
}
