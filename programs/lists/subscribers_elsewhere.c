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

static struct table_frame frame_of(struct field table, bool adds, struct field address, int forced)
{
  struct table_frame f = { .word = adds ? TABLE_SAYS_ADD : TABLE_SAYS_REMOVE, .table = table, .address = address };
  f.number = forced >= 0 ? (unsigned)forced : adds ? subscribers_hash_split(address) : TABLE_ANY_HASH;
  return f;
}

static enum elsewhere_change change_said(struct table_frame const *answer)
{
  return answer->word == TABLE_SAYS_UNFIT ? ELSEWHERE_UNFIT : answer->number ? ELSEWHERE_CHANGED : ELSEWHERE_SAME;
}

static enum elsewhere_change change(struct table_frame *f, struct subscribers_event const *why)
{
  stralloc note = STRALLOC_ZERO;
  add_note(&note, why);
  f->text = (struct field){ note.s, note.len };
  table_client_ask(f, 0, 0);
  stralloc_free(&note);
  return change_said(f);
}

enum elsewhere_change elsewhere_add(struct field table, struct field address, struct subscribers_event const *why, int forced)
{
  struct table_frame f = frame_of(table, true, address, forced);
  return change(&f, why);
}

enum elsewhere_change elsewhere_remove(struct field table, struct field address, struct subscribers_event const *why, int forced)
{
  struct table_frame f = frame_of(table, false, address, forced);
  return change(&f, why);
}

struct telling { elsewhere_told *told; void *to; };

static void tell(void *telling, size_t at, struct table_frame const *answer)
{
  struct telling const *t = telling;
  t->told(t->to, at, change_said(answer), answer->text);
}

void elsewhere_change_all(struct field table, bool adds, struct elsewhere_wish const *wishes, size_t count, elsewhere_told *told, void *to)
{
  struct table_frame frames[TABLE_TOGETHER];
  stralloc notes = STRALLOC_ZERO;
  size_t ends[TABLE_TOGETHER + 1] = { 0 };
  for (size_t i = 0; i < count; i++) add_note(&notes, &wishes[i].why), ends[i + 1] = notes.len;
  for (size_t i = 0; i < count; i++) {
    frames[i] = frame_of(table, adds, wishes[i].address, wishes[i].forced);
    frames[i].high = (uint32_t)(count - 1 - i);
    frames[i].text = (struct field){ notes.s + ends[i], ends[i + 1] - ends[i] };
  }
  table_client_ask_all(frames, count, tell, &(struct telling){ told, to });
  stralloc_free(&notes);
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
