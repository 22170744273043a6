#include <errno.h>
#include <string.h>
#include <strings.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "connection.h"
#include "table_changes.h"
#include "utf8.h"

enum { HASH_HIGHEST = 52, DIGITS = 12, TWINS_MAX = 16384 };     /* bytes of all spellings of one address */

static struct table_sql const *table;
static char const *root;
static bool is_open;              /* a transaction, from begin to commit */

void table_changes_in(struct table_sql const *table_, char const *root_)
{
  table = table_;
  root = root_;
  is_open = false;
}

/* ---- statements ---- */

/* What the letters of table_sql.c stand for. */
struct values { struct field address, comment, cookie; char direction, kind; uint32_t low, high, subscribers, done; };

struct digits { char of[SQL_VALUES_MAX][DIGITS]; };

static struct field number(char to[DIGITS], uint32_t n)
{
  return (struct field){ to, uint32_fmt(to, n) };
}

static struct field value_of(char letter, struct values const *v, char digits[DIGITS])
{
  switch (letter) {
    case 'a': return v->address;
    case 'c': return v->comment;
    case 'e': return (struct field){ &v->direction, 1 };
    case 'y': return (struct field){ &v->kind, v->kind != 0 };
    case 'k': return v->cookie;
    case 'l': case 'm': return number(digits, v->low);
    case 'u': return number(digits, v->high);
    case 's': return number(digits, v->subscribers);
    case 'o': return number(digits, v->done);
    default: return number(digits, 0);
  }
}

static enum sql_result run_rows(enum table_kind kind, char const *name, struct values const *v, size_t rows, struct sql_run *r)
{
  struct sql_text text;
  struct digits digits;
  struct field values[SQL_VALUES_MAX];
  table_statement(&text, kind, table, root, name, rows);
  for (size_t i = 0; i < text.count; i++) values[i] = value_of(text.values[i], v + i / (text.count / rows), digits.of[i]);
  r->values = values;
  r->values_count = text.count;
  r->affected = 0;
  return connection_run(text.text, r);
}

static enum sql_result run(enum table_kind kind, char const *name, struct values const *v, struct sql_run *r)
{
  return run_rows(kind, name, v, 1, r);
}

static bool name_of(char to[SUBDB_TABLE_MAX + 1], struct field name)
{
  if (name.len && !subdb_is_table(name.s, name.len)) return false;
  if (name.len) memcpy(to, name.s, name.len);
  to[name.len] = 0;
  return true;
}

/* An address that no column takes is in none. */
static bool fits(struct field address)
{
  return address.len && address.len <= TABLE_ADDRESS_MAX && utf8_is(address.s, address.len);
}

/* What has been begun on a connection is nothing on the next one. */
static bool ready(enum sql_purpose purpose)
{
  if (is_open) return connection_is_there();
  if (connection_ready(purpose) == CONNECTION_TROUBLE) return false;
  connection_is_well();
  return true;
}

/* ---- questions ---- */

struct asking { bool (*row)(struct field text); struct field wanted; uint32_t number; bool is_broken; };

static bool hand(struct asking *a, struct field text)
{
  a->is_broken = !a->row(text);
  return !a->is_broken;
}

static bool take_address(void *with, struct field const *columns, size_t count)
{
  return count && hand(with, columns[0]);
}

static bool same(struct field a, struct field b)
{
  return a.len == b.len && !strncasecmp(a.s, b.s, a.len);
}

/* The server may have found more. */
static bool take_wanted(void *with, struct field const *columns, size_t count)
{
  struct asking *a = with;
  if (!count || !same(columns[0], a->wanted)) return true;
  hand(a, columns[0]);
  return false;
}

static bool take_number(void *with, struct field const *columns, size_t count)
{
  struct asking *a = with;
  char digits[DIGITS] = "";
  if (count && columns[0].len < DIGITS) memcpy(digits, columns[0].s, columns[0].len), uint320_scan(digits, &a->number);
  return false;
}

/* "1763668800 +m joe@example.org Joe" */
static bool take_line(void *with, struct field const *columns, size_t count)
{
  static stralloc line = STRALLOC_ZERO;
  struct asking *a = with;
  line.len = 0;
  for (size_t i = 0; i < count && !a->is_broken; i++) {
    bool const apart = i == 1 || i == 3 || (i == 4 && columns[i].len);
    a->is_broken = (apart && !bytes_addc(&line, ' ')) || !bytes_addb(&line, columns[i].s, columns[i].len);
  }
  return !a->is_broken && hand(a, (struct field){ line.s, line.len });
}

static struct { enum table_word word; enum table_kind kind; sql_row *take; } const questions[] = {
  { TABLE_SAYS_FIND, TABLE_FIND, take_wanted }, { TABLE_SAYS_EACH, TABLE_EACH, take_address },
  { TABLE_SAYS_COUNT, TABLE_COUNT, take_number }, { TABLE_SAYS_LOG, TABLE_LOG, take_line }
};

enum sql_result table_ask(struct table_frame const *question, bool (*row)(struct field address), uint32_t *count)
{
  char name[SUBDB_TABLE_MAX + 1];
  struct asking a = { .row = row, .wanted = question->address };
  struct values const v = { .address = question->address, .low = question->number, .high = question->high };
  struct sql_run r = { .with = &a };
  size_t i = 0;
  while (questions[i].word != question->word) i++;
  r.row = questions[i].take;
  if (!name_of(name, question->table)) return errno = EINVAL, SQL_TROUBLE;
  if (question->word == TABLE_SAYS_FIND && !fits(question->address)) return SQL_DONE;
  if (!ready(SQL_TO_READ)) return SQL_TROUBLE;
  enum sql_result const result = run(questions[i].kind, name, &v, &r);
  *count = a.number;
  if (result == SQL_UNFIT) return SQL_DONE;
  return a.is_broken ? SQL_TROUBLE : result;
}

/* ---- changes ---- */

/* How an address stands there: more than once, where somebody else has put it. */
struct twins { struct field wanted; stralloc text; bool is_broken; };

static bool take_twin(void *with, struct field const *columns, size_t count)
{
  struct twins *t = with;
  if (!count || !same(columns[0], t->wanted) || t->text.len + columns[0].len >= TWINS_MAX) return true;
  t->is_broken = !bytes_addb(&t->text, columns[0].s, columns[0].len) || !bytes_end(&t->text);
  return !t->is_broken;
}

static enum sql_result find_twins(struct twins *twins, char const *name, struct values const *v)
{
  struct sql_run r = { .row = take_twin, .with = twins };
  twins->wanted = v->address;
  enum sql_result const result = run(TABLE_FIND_TO_CHANGE, name, v, &r);
  return twins->is_broken ? SQL_TROUBLE : result;
}

static enum sql_result put_note(char const *name, struct values const *v)
{
  struct sql_run r = { .row = 0 };
  return run(TABLE_NOTE, name, v, &r);
}

static enum sql_result add(char const *name, struct values const *v, struct twins const *twins, uint32_t *changed)
{
  struct sql_run r = { .row = 0 };
  if (twins->text.len) return SQL_DONE;
  enum sql_result const result = run(TABLE_ADD, name, v, &r);
  *changed = result == SQL_DONE && r.affected;
  return result == SQL_TWICE ? SQL_DONE : result;
}

static enum sql_result remove_twins(char const *name, struct values const *v, struct twins const *twins, uint32_t *changed)
{
  enum sql_result result = SQL_DONE;
  for (size_t at = 0; at < twins->text.len && result == SQL_DONE; at += strlen(twins->text.s + at) + 1) {
    struct values one = *v;
    struct sql_run r = { .row = 0 };
    one.address = field_of(twins->text.s + at);
    result = run(TABLE_REMOVE, name, &one, &r);
    if (result == SQL_DONE && r.affected) *changed = 1;
  }
  return result;
}

static struct values values_of(struct table_frame const *what)
{
  bool const any = what->number == TABLE_ANY_HASH;
  struct values v = { .address = what->address, .low = any ? 0 : what->number, .high = any ? HASH_HIGHEST : what->number };
  v.direction = what->text.len ? what->text.s[0] : '+';
  v.kind = what->text.len > 1 && what->text.s[1] != ' ' ? what->text.s[1] : 0;
  if (what->text.len > 2) v.comment = (struct field){ what->text.s + 2, what->text.len - 2 };
  return v;
}

static enum sql_result change(struct table_frame const *what, char const *name, uint32_t *changed)
{
  static struct twins twins = { .text = STRALLOC_ZERO };
  struct values v = values_of(what);
  twins.text.len = 0;
  enum sql_result result = find_twins(&twins, name, &v);
  if (result == SQL_DONE) result = (what->word == TABLE_SAYS_ADD ? add : remove_twins)(name, &v, &twins, changed);
  if (result == SQL_DONE && *changed) result = put_note(name, &v);
  return result;
}

static bool begin(void)
{
  return is_open = connection_command(table->begin ? table->begin : table->style->begin);
}

static bool commit(void)
{
  is_open = false;
  return connection_command("COMMIT");
}

/* A change of its own. */
static enum sql_result change_whole(struct table_frame const *what, char const *name, uint32_t *changed)
{
  if (!begin()) return SQL_TROUBLE;
  enum sql_result const result = change(what, name, changed);
  if (result == SQL_DONE) return commit() ? SQL_DONE : SQL_TROUBLE;
  is_open = false;
  if (result == SQL_TROUBLE) return SQL_TROUBLE;
  return connection_command("ROLLBACK") ? result : SQL_TROUBLE;
}

/* A part of those since begin. What was unfit is undone, and nothing else: PostgreSQL would do nothing any more. */
static enum sql_result change_part(struct table_frame const *what, char const *name, uint32_t *changed)
{
  if (!connection_command("SAVEPOINT one")) return SQL_TROUBLE;
  enum sql_result const result = change(what, name, changed);
  if (result == SQL_TROUBLE) return SQL_TROUBLE;
  if (result != SQL_DONE && !connection_command("ROLLBACK TO SAVEPOINT one")) return SQL_TROUBLE;
  return connection_command("RELEASE SAVEPOINT one") ? result : SQL_TROUBLE;
}

static enum sql_result change_one(struct table_frame const *what, char const *name, uint32_t *changed)
{
  *changed = 0;
  bool const may_be_there = fits(what->address);
  if (!may_be_there && what->word == TABLE_SAYS_REMOVE) return SQL_DONE;
  if (!may_be_there) return sql_note("a column takes 255 bytes of UTF-8"), SQL_UNFIT;
  return (is_open ? change_part : change_whole)(what, name, changed);
}

/* ---- many at once ---- */

/* Rows of one statement: few sizes, for each of which it is prepared once. */
static size_t rows_of(size_t left)
{
  return left >= TABLE_TOGETHER ? TABLE_TOGETHER : left >= 8 ? 8 : 1;
}

struct many { struct values of[TABLE_TOGETHER]; bool is_known[TABLE_TOGETHER]; size_t count; };

static bool take_known(void *with, struct field const *columns, size_t count)
{
  struct many *m = with;
  for (size_t i = 0; i < m->count && count; i++) m->is_known[i] |= same(columns[0], m->of[i].address);
  return true;
}

/* SQL_TWICE: somebody else has added some of them meanwhile. */
static enum sql_result run_all(enum table_kind kind, char const *name, struct values const *v, size_t count, struct many *known)
{
  for (size_t at = 0, rows; at < count; at += rows) {
    struct sql_run r = { .row = known ? take_known : 0, .with = known };
    rows = rows_of(count - at);
    enum sql_result const result = run_rows(kind, name, v + at, rows, &r);
    if (result != SQL_DONE) return result;
    if (!known && r.affected != rows) return SQL_TWICE;
  }
  return SQL_DONE;
}

/* Of several spellings of an address the first counts. */
static void leave_out_twins(struct many *m)
{
  for (size_t i = 1; i < m->count; i++)
    for (size_t k = 0; k < i; k++) m->is_known[i] |= same(m->of[i].address, m->of[k].address);
}

static enum sql_result add_many(char const *name, struct many *m)
{
  struct values new[TABLE_TOGETHER];
  size_t count = 0;
  enum sql_result result = run_all(TABLE_FIND_TO_CHANGE, name, m->of, m->count, m);
  leave_out_twins(m);
  for (size_t i = 0; i < m->count; i++)
    if (!m->is_known[i]) new[count++] = m->of[i];
  if (result == SQL_DONE) result = run_all(TABLE_ADD, name, new, count, 0);
  return result == SQL_DONE ? run_all(TABLE_NOTE, name, new, count, 0) : result;
}

static bool all_fit(struct table_frame const *whats, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!fits(whats[i].address)) return false;
  return true;
}

/* Statements that have all of them. Anything else than SQL_DONE and SQL_TROUBLE: nothing is done, and they are tried one by one. */
static enum sql_result add_together(struct many *m, struct table_frame const *whats, size_t count, char const *name)
{
  if (count < 2 || !is_open || whats->word != TABLE_SAYS_ADD || !all_fit(whats, count)) return SQL_UNFIT;
  *m = (struct many){ .count = count };
  for (size_t i = 0; i < count; i++) m->of[i] = values_of(whats + i);
  if (!connection_command("SAVEPOINT many")) return SQL_TROUBLE;
  enum sql_result const result = add_many(name, m);
  if (result == SQL_TROUBLE) return SQL_TROUBLE;
  if (result != SQL_DONE && !connection_command("ROLLBACK TO SAVEPOINT many")) return SQL_TROUBLE;
  return connection_command("RELEASE SAVEPOINT many") ? result : SQL_TROUBLE;
}

static enum sql_result change_each(struct table_frame const *whats, size_t count, char const *name, table_told *told)
{
  for (size_t i = 0; i < count; i++) {
    uint32_t changed;
    enum sql_result const result = change_one(whats + i, name, &changed);
    if (result == SQL_TROUBLE || !told(result, changed)) return SQL_TROUBLE;
  }
  return SQL_DONE;
}

static enum sql_result change_all(struct table_frame const *whats, size_t count, char const *name, table_told *told)
{
  static struct many many;
  enum sql_result const result = add_together(&many, whats, count, name);
  if (result == SQL_TROUBLE) return SQL_TROUBLE;
  if (result != SQL_DONE) return change_each(whats, count, name, told);
  for (size_t i = 0; i < count; i++)
    if (!told(SQL_DONE, !many.is_known[i])) return SQL_TROUBLE;
  return SQL_DONE;
}

enum sql_result table_change(struct table_frame const *whats, size_t count, table_told *told)
{
  char name[SUBDB_TABLE_MAX + 1];
  if (!name_of(name, whats->table)) return errno = EINVAL, SQL_TROUBLE;
  if (!ready(SQL_TO_CHANGE)) return SQL_TROUBLE;
  enum sql_result const result = change_all(whats, count, name, told);
  if (result == SQL_TROUBLE) is_open = false;
  return result;
}

/* ---- a post, and all tables ---- */

static enum sql_result log_post(struct table_frame const *what, char const *name)
{
  struct sql_run r = { .row = 0 };
  char done[DIGITS] = "";
  struct values v = { .low = what->number, .subscribers = what->high, .cookie = what->address };
  memcpy(done, what->text.s, what->text.len < DIGITS - 1 ? what->text.len : 0);
  uint320_scan(done, &v.done);
  enum sql_result result = v.cookie.len ? run(TABLE_COOKIE, name, &v, &r) : SQL_DONE;
  if (result == SQL_DONE || result == SQL_TWICE) result = run(TABLE_POST, name, &v, &r);
  return result == SQL_TWICE ? SQL_DONE : result;
}

static enum sql_result all_tables(bool (*next)(struct sql_text *, struct table_sql const *, char const *, unsigned *))
{
  struct sql_text text;
  unsigned step = 0;
  while (next(&text, table, root, &step))
    if (!connection_command(text.text)) return SQL_TROUBLE;
  return SQL_DONE;
}

enum sql_result table_do(struct table_frame const *what)
{
  char name[SUBDB_TABLE_MAX + 1];
  if (!name_of(name, what->table)) return errno = EINVAL, SQL_TROUBLE;
  if (!ready(what->word == TABLE_SAYS_MAKE ? SQL_TO_MAKE : SQL_TO_CHANGE)) return SQL_TROUBLE;
  switch (what->word) {
    case TABLE_SAYS_BEGIN: return begin() ? SQL_DONE : SQL_TROUBLE;
    case TABLE_SAYS_COMMIT: return commit() ? SQL_DONE : SQL_TROUBLE;
    case TABLE_SAYS_MAKE: return all_tables(table_make_next);
    case TABLE_SAYS_DROP: return all_tables(table_drop_next);
    default: return log_post(what, name);
  }
}
