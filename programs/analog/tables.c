#include <string.h>

#include "fixed.h"
#include "tables.h"
#include "tally.h"
#include "text.h"

/* ---- columns ---- */

static uint64_t of_attempts(struct tally_sums const *s)
{
  return s->attempts[ATTEMPT_SUCCESS] + s->attempts[ATTEMPT_FAILURE] + s->attempts[ATTEMPT_DEFERRAL];
}

static uint64_t done(uint64_t const count[ATTEMPTS])
{
  return count[ATTEMPT_SUCCESS] + count[ATTEMPT_FAILURE];
}

static void column_tries(stralloc *to, struct tally_sums const *s) { text_addu(to, of_attempts(s)); }
static void column_received(stralloc *to, struct tally_sums const *s) { text_addu(to, s->received); }
static void column_done(stralloc *to, struct tally_sums const *s) { text_addu(to, done(s->attempts)); }
static void column_xdelay(stralloc *to, struct tally_sums const *s) { fixed_add(to, s->xdelay, 2); }
static void column_xdelay_long(stralloc *to, struct tally_sums const *s) { fixed_add(to, s->xdelay, 6); }
static void column_messages(stralloc *to, struct tally_sums const *s) { text_addu(to, s->messages); }
static void column_bytes(stralloc *to, struct tally_sums const *s) { text_addu(to, s->bytes); }
static void column_sent(stralloc *to, struct tally_sums const *s) { text_addu(to, s->sent); }
static void column_weighted(stralloc *to, struct tally_sums const *s) { text_addu(to, s->weighted); }
static void column_recips(stralloc *to, struct tally_sums const *s) { text_addu(to, done(s->counts)); }

static void column_tries_of_messages(stralloc *to, struct tally_sums const *s)
{
  text_addu(to, done(s->counts) + s->counts[ATTEMPT_DEFERRAL]);
}

static void column_average(stralloc *to, struct tally_sums const *s)
{
  uint64_t tries = of_attempts(s);
  fixed_add(to, tries ? s->xdelay / (double)tries : 0, 2);
}

struct column { char const *name; void (*add)(stralloc *, struct tally_sums const *); };

/* ---- names ---- */

/* Each names what a line counts for, or is false: it counts for nothing. The text may be of the line or static. */

static bool of_reason(struct field *name, struct record const *r, enum attempt result)
{
  *name = r->reason;
  return r->kind == RECORD_DELIVERY && r->result == result;
}

static bool name_success(struct field *name, struct record const *r) { return of_reason(name, r, ATTEMPT_SUCCESS); }
static bool name_failure(struct field *name, struct record const *r) { return of_reason(name, r, ATTEMPT_FAILURE); }
static bool name_deferral(struct field *name, struct record const *r) { return of_reason(name, r, ATTEMPT_DEFERRAL); }

static bool name_recipient(struct field *name, struct record const *r)
{
  *name = r->recipient;
  return r->kind == RECORD_DELIVERY;
}

/* Behind the last @, or all of it: local.joe. */
static bool name_host(struct field *name, struct record const *r)
{
  size_t at = r->recipient.len;
  if (r->kind != RECORD_DELIVERY) return false;
  while (at && r->recipient.s[at - 1] != '@') at--;
  *name = (struct field){ r->recipient.s + at, r->recipient.len - at };
  return true;
}

static bool name_uid(struct field *name, struct record const *r)
{
  *name = r->uid;
  return r->kind != RECORD_OTHER;
}

static bool name_sender(struct field *name, struct record const *r)
{
  static stralloc both = STRALLOC_ZERO;
  text_setb(&both, r->uid.s, r->uid.len);
  text_addc(&both, '/');
  text_addb(&both, r->sender.s, r->sender.len);
  *name = (struct field){ both.s, both.len };
  return r->kind != RECORD_OTHER;
}

/* ---- tables ---- */

struct table {
  char const *name, *last;              /* last: the heading of the last column, which is the name of the row */
  bool (*name_of)(struct field *name, struct record const *r);
  bool finished;                        /* only rows that have a message */
  struct column const *columns;
};

static struct column const of_reasons[] = { { "del", column_tries }, { "xdelay", column_xdelay }, { 0 } };
static struct column const of_recipients[] = {
  { "sbytes", column_received }, { "mess", column_done }, { "tries", column_tries }, { "xdelay", column_xdelay }, { 0 }
};
static struct column const of_speed[] = { { "avg", column_average }, { "tries", column_tries }, { 0 } };
static struct column const of_senders[] = {
  { "mess", column_messages }, { "bytes", column_bytes }, { "sbytes", column_sent }, { "rbytes", column_weighted },
  { "recips", column_recips }, { "tries", column_tries_of_messages }, { "xdelay", column_xdelay_long }, { 0 }
};

static struct tally tally;              /* a program makes one table */

static struct table const tables[] = {
  { "deferrals",  "reason",    name_deferral,  false, of_reasons },
  { "failures",   "reason",    name_failure,   false, of_reasons },
  { "successes",  "reason",    name_success,   false, of_reasons },
  { "recipients", "recipient", name_recipient, false, of_recipients },
  { "rhosts",     "host",      name_host,      false, of_recipients },
  { "rxdelay",    "recipient", name_recipient, false, of_speed },
  { "senders",    "sender",    name_sender,    true,  of_senders },
  { "suids",      "uid",       name_uid,       true,  of_senders },
  { 0 }
};

struct table const *table_named(char const *name)
{
  struct table const *t = tables;
  while (t->name && strcmp(t->name, name) != 0) t++;
  return t->name ? t : 0;
}

bool table_has_reasons(struct table const *table)
{
  return table->columns == of_reasons;
}

static void count_delivery(struct tally_sums *sums, struct record const *r)
{
  sums->attempts[r->result]++;
  if (r->result == ATTEMPT_SUCCESS) sums->received += r->bytes;
  sums->xdelay += record_seconds(r->start, r->done);
}

static void count_message(struct tally_sums *sums, struct record const *r)
{
  sums->messages++;
  sums->bytes += r->bytes;
  sums->sent += r->bytes * r->count[ATTEMPT_SUCCESS];
  sums->weighted += r->bytes * done(r->count);
  for (enum attempt a = 0; a < ATTEMPTS; a++) sums->counts[a] += r->count[a];
}

void table_count(struct table const *table, struct record const *record)
{
  struct field name;
  if (!table->name_of(&name, record)) return;
  if (record->kind == RECORD_MESSAGE) count_message(tally_of(&tally, name), record);
  else count_delivery(tally_of(&tally, name), record);
}

void table_heading(stralloc *to, struct table const *table)
{
  for (struct column const *c = table->columns; c->name; c++) {
    text_add(to, c->name);
    text_addc(to, ' ');
  }
  text_add(to, table->last);
  text_addc(to, '\n');
}

void table_rows(stralloc *to, struct table const *table)
{
  for (size_t i = 0; i < tally.count; i++) {
    struct tally_row const *row = &tally.rows[i];
    if (table->finished && !row->sums.messages) continue;
    for (struct column const *c = table->columns; c->name; c++) {
      c->add(to, &row->sums);
      text_addc(to, ' ');
    }
    text_addb(to, row->name.s, row->name.len);
    text_addc(to, '\n');
  }
}
