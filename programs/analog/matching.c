#include <string.h>

#include "matching.h"
#include "stamp.h"
#include "words.h"

enum { WORDS = 20 };

char const attempt_letters[ATTEMPTS + 1] = "kdz";

struct event_line {
  struct field time, words[WORDS], whole;
};

struct event {
  char const *word;
  size_t words;                 /* so many are looked at */
  void (*does)(struct matching *, struct event_line const *);
};

/* Text of our own, so that it may be changed. */
static void lower(struct field own)
{
  char *s = (char *)own.s;
  for (size_t i = 0; i < own.len; i++)
    if (s[i] >= 'A' && s[i] <= 'Z') s[i] = (char)(s[i] + ('a' - 'A'));
}

/* new msg M */
static void event_new(struct matching *m, struct event_line const *line)
{
  open_items_remove(&m->messages, word_number(line->words[2]));
}

/* info msg M: bytes B from <S> qp Q uid U */
static void event_info(struct matching *m, struct event_line const *line)
{
  struct field const *w = line->words;
  struct field const parts[OPEN_PARTS] = { line->time, w[4], w[6], w[8], w[10] };
  struct open_item *item = open_items_put(&m->messages, word_number(w[2]), parts);
  lower(item->part[MESSAGE_SENDER]);
  if (m->sink->begun) m->sink->begun(m->with, item);
}

/* extra M K Z D */
static void event_extra(struct matching *m, struct event_line const *line)
{
  struct open_item *item = open_items_find(&m->messages, word_number(line->words[1]));
  if (!item) return;
  item->count[ATTEMPT_SUCCESS] = word_number(line->words[2]);
  item->count[ATTEMPT_DEFERRAL] = word_number(line->words[3]);
  item->count[ATTEMPT_FAILURE] = word_number(line->words[4]);
}

/* starting delivery D: msg M to CHANNEL RECIPIENT */
static void event_starting(struct matching *m, struct event_line const *line)
{
  struct field const *w = line->words;
  struct field const parts[OPEN_PARTS] = { line->time, w[6], w[7] };
  struct open_item *item = open_items_put(&m->deliveries, word_number(w[2]), parts);
  item->message = word_number(w[4]);
  lower(item->part[DELIVERY_RECIPIENT]);
}

static enum attempt result_of(struct field word)
{
  static struct { char const *begins; enum attempt is; } const results[] = {
    { "succ", ATTEMPT_SUCCESS }, { "fail", ATTEMPT_FAILURE }, { "defer", ATTEMPT_DEFERRAL }, { "report", ATTEMPT_DEFERRAL }
  };
  for (size_t i = 0; i < sizeof results / sizeof *results; i++)
    if (word_begins(word, results[i].begins)) return results[i].is;
  return ATTEMPTS;
}

/* What a delivery says of its message; of one that nobody knows, a little. */
static void of_message(struct matched_delivery *d, struct open_item const *message)
{
  struct field const unknown = { "?", 1 }, none = { "0", 1 };
  d->birth = message ? message->part[MESSAGE_BIRTH] : d->start;
  d->bytes = message ? message->part[MESSAGE_BYTES] : none;
  d->sender = message ? message->part[MESSAGE_SENDER] : unknown;
  d->qp = message ? message->part[MESSAGE_QP] : unknown;
  d->uid = message ? message->part[MESSAGE_UID] : unknown;
}

/* delivery D: success: REASON */
static void event_delivery(struct matching *m, struct event_line const *line)
{
  struct field const mangled = { "report_mangled", 14 };
  struct open_item *item = open_items_find(&m->deliveries, word_number(line->words[1]));
  if (!item) return;
  struct open_item *message = open_items_find(&m->messages, item->message);
  struct matched_delivery d = {
    .result = result_of(line->words[2]), .start = item->part[DELIVERY_START], .done = line->time,
    .channel = item->part[DELIVERY_CHANNEL], .recipient = item->part[DELIVERY_RECIPIENT],
    .reason = word_begins(line->words[2], "report") ? mangled : line->words[3]
  };
  of_message(&d, message);
  if (message && d.result < ATTEMPTS) message->count[d.result]++;
  m->sink->delivery(m->with, &d);
  open_items_remove(&m->deliveries, item->number);
}

/* end msg M */
static void event_end(struct matching *m, struct event_line const *line)
{
  struct open_item *item = open_items_find(&m->messages, word_number(line->words[2]));
  if (!item) return;
  struct field const *part = item->part;
  struct matched_message done = { part[MESSAGE_BIRTH], line->time, part[MESSAGE_BYTES], part[MESSAGE_SENDER],
                                  part[MESSAGE_QP], part[MESSAGE_UID], item->count };
  m->sink->message(m->with, &done);
  open_items_remove(&m->messages, item->number);
}

/* qmail-send is another process: it knows nothing of what the old one had begun. */
static void event_restart(struct matching *m, struct event_line const *line)
{
  (void)line;
  open_items_clear(&m->deliveries);
}

static void event_ignored(struct matching *m, struct event_line const *line)
{
  (void)m;
  (void)line;
}

static void event_complaint(struct matching *m, struct event_line const *line)
{
  m->sink->complaint(m->with, line->whole);
}

/* The most frequent ones first. */
static struct event const events[] = {
  { "status:",   1,  event_ignored },
  { "delivery",  4,  event_delivery },
  { "starting",  8,  event_starting },
  { "new",       3,  event_new },
  { "info",      11, event_info },
  { "end",       3,  event_end },
  { "extra",     5,  event_extra },
  { "running",   1,  event_restart },
  { "exiting",   1,  event_restart },
  { "hash",      1,  event_ignored },
  { "number",    1,  event_ignored },
  { "local",     1,  event_ignored },
  { "remote",    1,  event_ignored },
  { "warning:",  1,  event_complaint },
  { "alert:",    1,  event_complaint },
  { 0 }
};

static struct event const *event_of(struct field word)
{
  struct event const *e = events;
  while (e->word && !word_is(word, e->word)) e++;
  return e->word ? e : 0;
}

void matching_line(struct matching *matching, struct field line)
{
  char time[STAMP_MAX];
  struct event_line read = { .whole = line };
  struct stamp stamp = stamp_find(line.s, line.len);
  size_t at = stamp.behind;
  struct event const *e = event_of(words_next(line.s, line.len, &at));
  if (!e) {
    matching->sink->unknown(matching->with, line);
    return;
  }
  if (e->does == event_ignored) return;
  words_split(read.words, e->words, line.s + stamp.behind, line.len - stamp.behind);
  read.time = (struct field){ time, stamp_decimal(time, &stamp) };
  e->does(matching, &read);
}
