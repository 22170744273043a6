#include <string.h>

#include "door.h"
#include "moment.h"
#include "reason_group.h"
#include "report.h"
#include "stamp.h"
#include "text.h"
#include "words.h"

enum { HOUR = 3600, DAY = 86400, HOURS_MAX = 49 };

/* ---- what there is to tell ---- */

struct report_word const report_totals[TOTALS] = {
  [TOTAL_TAKEN] = { "messages", "messages taken in" },
  [TOTAL_BYTES] = { "bytes", "bytes in them" },
  [TOTAL_DELIVERED] = { "delivered", "deliveries that succeeded" },
  [TOTAL_FAILED] = { "failed", "deliveries that failed for good" },
  [TOTAL_DEFERRED] = { "deferred", "attempts that were put off" },
  [TOTAL_REFUSED] = { "refused", "times that mail was refused at the door" },
  [TOTAL_LOGINS] = { "logins_refused", "logins refused" },
};

struct report_word const report_slot_values[SLOT_VALUES] = {
  [SLOT_TAKEN] = { "messages", "taken in" },
  [SLOT_DELIVERED] = { "delivered", "delivered" },
  [SLOT_FAILED] = { "failed", "failed" },
  [SLOT_DEFERRED] = { "deferred", "put off" },
};

static double tries(struct tally_sums const *s)
{
  return (double)(s->attempts[ATTEMPT_SUCCESS] + s->attempts[ATTEMPT_FAILURE] + s->attempts[ATTEMPT_DEFERRAL]);
}

static double average(struct tally_sums const *s) { return tries(s) > 0 ? s->xdelay / tries(s) : 0; }
static double deferred(struct tally_sums const *s) { return (double)s->attempts[ATTEMPT_DEFERRAL]; }
static double delivered(struct tally_sums const *s) { return (double)s->attempts[ATTEMPT_SUCCESS]; }
static double received(struct tally_sums const *s) { return (double)s->received; }
static double counted(struct tally_sums const *s) { return (double)s->messages; }
static double size(struct tally_sums const *s) { return (double)s->bytes; }

struct report_part_kind const report_parts[PARTS] = {
  [PART_SLOWEST] = { { "slowest", "Slowest destinations" }, "host",
    { { { "seconds", "seconds" }, average, 1 }, { { "attempts", "attempts" }, tries, 0 }, { { "deferred", "put off" }, deferred, 0 } } },
  [PART_SENDERS] = { { "senders", "Top senders" }, "sender",
    { { { "messages", "messages" }, counted, 0 }, { { "bytes", "bytes" }, size, 0 } } },
  [PART_RECIPIENTS] = { { "recipients", "Top recipients" }, "recipient",
    { { { "delivered", "delivered" }, delivered, 0 }, { { "bytes", "bytes" }, received, 0 } } },
  [PART_FAILURES] = { { "failures", "Why deliveries failed" }, "reason", { { { "count", "times" }, counted, 0 } } },
  [PART_DEFERRALS] = { { "deferrals", "Why attempts were put off" }, "reason", { { { "count", "times" }, counted, 0 } } },
  [PART_REFUSED] = { { "refused", "Why mail was refused at the door" }, "reason", { { { "count", "times" }, counted, 0 } } },
  [PART_LOGINS] = { { "logins_refused", "Logins refused" }, "login", { { { "count", "times" }, counted, 0 } } },
};

/* ---- counting ---- */

static bool inside(struct report const *r, struct field time, int64_t *seconds)
{
  *seconds = stamp_nanoseconds(time) / 1000000000;
  return *seconds >= r->since && *seconds < r->until;
}

static void count_slot(struct report *r, int64_t seconds, enum report_slot_value value)
{
  size_t i = (size_t)((seconds - r->begin) / r->step);
  if (i < r->slots) r->slot[i][value]++;
}

static void count_name(struct report *r, enum report_part part, struct field name)
{
  tally_of(&r->parts[part], name)->messages++;
}

static void count_reason(struct report *r, enum report_part part, struct field reason)
{
  static stralloc group = STRALLOC_ZERO;
  group.len = 0;
  reason_group(&group, reason);
  count_name(r, part, (struct field){ group.s, group.len });
}

static void on_begun(void *with, struct open_item const *message)
{
  struct report *r = with;
  int64_t seconds;
  if (!inside(r, message->part[MESSAGE_BIRTH], &seconds)) return;
  uint64_t bytes = word_number(message->part[MESSAGE_BYTES]);
  struct tally_sums *sums = tally_of(&r->parts[PART_SENDERS], message->part[MESSAGE_SENDER]);
  sums->messages++;
  sums->bytes += bytes;
  r->totals[TOTAL_TAKEN]++;
  r->totals[TOTAL_BYTES] += bytes;
  count_slot(r, seconds, SLOT_TAKEN);
}

static void on_message(void *with, struct matched_message const *message)
{
  (void)with;
  (void)message;
}

static void count_destination(struct report *r, struct matched_delivery const *d)
{
  char const *at = memrchr(d->recipient.s, '@', d->recipient.len);
  if (!word_is(d->channel, "remote") || !at) return;
  size_t from = (size_t)(at + 1 - d->recipient.s);
  struct tally_sums *sums =
    tally_of(&r->parts[PART_SLOWEST], (struct field){ d->recipient.s + from, d->recipient.len - from });
  sums->attempts[d->result]++;
  sums->xdelay += (double)(stamp_nanoseconds(d->done) - stamp_nanoseconds(d->start)) / 1e9;
}

static void count_recipient(struct report *r, struct matched_delivery const *d)
{
  struct tally_sums *sums = tally_of(&r->parts[PART_RECIPIENTS], d->recipient);
  sums->attempts[ATTEMPT_SUCCESS]++;
  sums->received += word_number(d->bytes);
}

static void on_delivery(void *with, struct matched_delivery const *d)
{
  static struct { enum report_total total; enum report_slot_value slot; } const counts[ATTEMPTS] = {
    [ATTEMPT_SUCCESS] = { TOTAL_DELIVERED, SLOT_DELIVERED },
    [ATTEMPT_FAILURE] = { TOTAL_FAILED, SLOT_FAILED },
    [ATTEMPT_DEFERRAL] = { TOTAL_DEFERRED, SLOT_DEFERRED },
  };
  struct report *r = with;
  int64_t seconds;
  if (d->result == ATTEMPTS || !inside(r, d->done, &seconds)) return;
  r->totals[counts[d->result].total]++;
  count_slot(r, seconds, counts[d->result].slot);
  count_destination(r, d);
  if (d->result == ATTEMPT_SUCCESS) count_recipient(r, d);
  else count_reason(r, d->result == ATTEMPT_FAILURE ? PART_FAILURES : PART_DEFERRALS, d->reason);
}

static void count_login(struct report *r, struct door_line const *d)
{
  static stralloc name = STRALLOC_ZERO;
  text_setb(&name, d->user.s, d->user.len);
  text_add(&name, " from ");
  text_addb(&name, d->ip.s, d->ip.len);
  count_name(r, PART_LOGINS, (struct field){ name.s, name.len });
  r->totals[TOTAL_LOGINS]++;
}

static void on_unknown(void *with, struct field line)
{
  struct report *r = with;
  char text[STAMP_MAX];
  struct stamp stamp = stamp_find(line.s, line.len);
  struct door_line d = door_read((struct field){ line.s + stamp.behind, line.len - stamp.behind });
  int64_t seconds;
  if (d.kind == DOOR_OTHER || !inside(r, (struct field){ text, stamp_decimal(text, &stamp) }, &seconds)) return;
  if (d.kind == DOOR_LOGIN_REFUSED) {
    count_login(r, &d);
    return;
  }
  r->totals[TOTAL_REFUSED]++;
  count_reason(r, PART_REFUSED, d.reason);
}

static void on_complaint(void *with, struct field line)
{
  (void)with;
  (void)line;
}

static struct matching_sink const sink = { on_begun, on_message, on_delivery, on_complaint, on_unknown };

void report_begin(struct report *r, char const *host, int64_t since, int64_t until)
{
  *r = (struct report){ .host = host, .since = since, .until = until, .step = HOUR };
  r->matching.sink = &sink;
  r->matching.with = r;
  if (until - since > HOURS_MAX * HOUR) r->step = DAY;
  while ((until - since) / r->step + 2 > REPORT_SLOTS_MAX) r->step *= 2;
  r->begin = r->step == HOUR ? moment_hour(since) : moment_day(since);
  r->slots = (size_t)((until - r->begin + r->step - 1) / r->step);
}

void report_line(struct report *r, struct field line)
{
  matching_line(&r->matching, line);
}

void report_log_end(struct report *r)
{
  open_items_clear(&r->matching.messages);
  open_items_clear(&r->matching.deliveries);
}

/* ---- order ---- */

static int compare_names(struct field a, struct field b)
{
  int c = memcmp(a.s, b.s, a.len < b.len ? a.len : b.len);
  return c ? c : (a.len > b.len) - (a.len < b.len);
}

static bool is_before(struct tally_row const *a, struct tally_row const *b, struct report_column const *by)
{
  double one = by->of(&a->sums), other = by->of(&b->sums);
  return one != other ? one > other : compare_names(a->name, b->name) < 0;
}

size_t report_top(struct tally_row const *top[REPORT_TOP], struct report const *report, enum report_part part)
{
  struct report_column const *by = &report_parts[part].columns[0];
  size_t count = 0;
  for (size_t n = 0; n < report->parts[part].count; n++) {
    struct tally_row const *row = &report->parts[part].rows[n];
    size_t i = count;
    if (count == REPORT_TOP && !is_before(row, top[--i], by)) continue;
    for (; i && is_before(row, top[i - 1], by); i--) top[i] = top[i - 1];
    top[i] = row;
    count += count < REPORT_TOP;
  }
  return count;
}
