#include "subscribers_elsewhere.h"
#include "table_client.h"
#include "text.h"

enum { COMMENT_MAX = 255 };           /* of who he is, as much as a database has room for */

/* ---- questions ---- */

static void take_found(void *to, struct field address)
{
  text_setb(to, address.s, address.len);
}

void elsewhere_find(struct field table, struct field address, stralloc *found)
{
  struct table_frame f = { .word = TABLE_SAYS_FIND, .table = table, .address = address };
  found->len = 0;
  table_client_ask(&f, take_found, found);
}

struct counting { void (*put)(void *to, struct field address); void *to; uint64_t count; };

static void count_one(void *counting, struct field address)
{
  struct counting *c = counting;
  c->count++;
  c->put(c->to, address);
}

/* Where nobody wants to see them the database counts them. */
uint64_t elsewhere_each(struct field table, struct subscribers_range which, void (*put)(void *to, struct field address), void *to)
{
  struct counting c = { put, to, 0 };
  struct table_frame f = { .word = put ? TABLE_SAYS_EACH : TABLE_SAYS_COUNT, .number = which.low, .high = which.high, .table = table };
  table_client_ask(&f, count_one, &c);
  return put ? c.count : f.number;
}

/* ---- changes ---- */

/* The sign, the first letter of the event, a blank where there is none, and who he is. */
static void add_note(stralloc *to, struct subscribers_event const *why)
{
  text_addc(to, why->tag[0]);
  text_addc(to, why->tag[0] && why->tag[1] ? why->tag[1] : ' ');
  for (size_t i = 0; i < why->comment.len && i < COMMENT_MAX; i++) {
    char const c = why->comment.s[i];
    text_addc(to, c == '\t' ? ' ' : c >= 32 && c < 127 ? c : '?');
  }
}

static enum elsewhere_change change(struct table_frame *f, struct subscribers_event const *why)
{
  stralloc note = STRALLOC_ZERO;
  add_note(&note, why);
  f->text = (struct field){ note.s, note.len };
  enum table_word const word = table_client_ask(f, 0, 0);
  stralloc_free(&note);
  return word == TABLE_SAYS_UNFIT ? ELSEWHERE_UNFIT : f->number ? ELSEWHERE_CHANGED : ELSEWHERE_SAME;
}

enum elsewhere_change elsewhere_add(struct field table, struct field address, struct subscribers_event const *why, int forced)
{
  struct table_frame f = { .word = TABLE_SAYS_ADD, .table = table, .address = address };
  f.number = forced >= 0 ? (unsigned)forced : subscribers_hash_split(address);
  return change(&f, why);
}

enum elsewhere_change elsewhere_remove(struct field table, struct field address, struct subscribers_event const *why, int forced)
{
  struct table_frame f = { .word = TABLE_SAYS_REMOVE, .table = table, .address = address };
  f.number = forced >= 0 ? (unsigned)forced : TABLE_ANY_HASH;
  return change(&f, why);
}

/* ---- all of it ---- */

void elsewhere_do(enum table_word word)
{
  struct table_frame f = { .word = word };
  table_client_ask(&f, 0, 0);
}

bool elsewhere_note_post(struct field table, struct subscribers_post const *post, stralloc *why)
{
  char const stage[] = { (char)('0' + post->stage), 0 };
  struct table_frame f = { .word = TABLE_SAYS_NOTE, .table = table, .address = post->cookie, .text = field_of(stage) };
  f.number = (uint32_t)post->number;
  f.high = (uint32_t)post->readers;
  return table_client_ask_try(&f, why);
}

struct logging { void (*put)(void *to, struct field line); void *to; stralloc line; };

static void put_line(void *logging, struct field line)
{
  struct logging *l = logging;
  text_setb(&l->line, line.s, line.len);
  text_add(&l->line, "\n");
  l->put(l->to, (struct field){ l->line.s, l->line.len });
}

void elsewhere_log(struct field table, void (*put)(void *to, struct field line), void *to)
{
  struct logging l = { put, to, STRALLOC_ZERO };
  struct table_frame f = { .word = TABLE_SAYS_LOG, .table = table };
  table_client_ask(&f, put_line, &l);
  stralloc_free(&l.line);
}

/* ---- whether it is there ---- */

static bool try(enum table_word word, char const *table, stralloc *why)
{
  struct table_frame f = { .word = word, .high = SUBSCRIBERS_HASHES - 1, .table = field_of(table) };
  return table_client_ask_try(&f, why);
}

bool elsewhere_answers(struct list const *l, enum subdb_kind kind, stralloc *why)
{
  static char const *const tables[] = { "", "digest", "allow", "deny", "mod" };
  bool answers = table_client_try(l, kind, 0, why);
  for (size_t i = 0; i < sizeof tables / sizeof *tables && answers; i++) answers = try(TABLE_SAYS_COUNT, tables[i], why);
  return answers;
}

/* Who may make none need not, where they have been made for him. */
bool elsewhere_make(struct list const *l, enum subdb_kind kind, stralloc *why)
{
  return elsewhere_answers(l, kind, why) || (table_client_try(l, kind, 0, why) && try(TABLE_SAYS_MAKE, "", why));
}
