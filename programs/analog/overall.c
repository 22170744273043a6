#include <math.h>
#include <stdio.h>

#include "fixed.h"
#include "overall.h"
#include "stamp.h"
#include "text.h"

static struct {
  uint64_t messages, bytes, weighted, of_messages[ATTEMPTS], attempts[ATTEMPTS];
  double qtime, ddelay, xdelay;         /* seconds */
  int64_t first, last;                  /* nanoseconds */
} sums;

static uint64_t all(uint64_t const count[ATTEMPTS])
{
  return count[ATTEMPT_SUCCESS] + count[ATTEMPT_FAILURE] + count[ATTEMPT_DEFERRAL];
}

static void count_message(struct record const *r)
{
  sums.messages++;
  sums.bytes += r->bytes;
  sums.weighted += r->bytes * r->count[ATTEMPT_SUCCESS];
  for (enum attempt a = 0; a < ATTEMPTS; a++) sums.of_messages[a] += r->count[a];
  sums.qtime += record_seconds(r->birth, r->done);
}

static void count_delivery(struct record const *r)
{
  sums.attempts[r->result]++;
  sums.xdelay += record_seconds(r->start, r->done);
  if (r->result == ATTEMPT_SUCCESS) sums.ddelay += record_seconds(r->birth, r->done);
}

void overall_count(struct record const *r)
{
  if (r->kind == RECORD_OTHER) return;
  int64_t birth = stamp_nanoseconds(r->birth), end = stamp_nanoseconds(r->done);
  if (!sums.last || birth < sums.first) sums.first = birth;
  if (end > sums.last) sums.last = end;
  if (r->kind == RECORD_MESSAGE) count_message(r);
  else count_delivery(r);
}

static void add_number(stralloc *to, char const *what, uint64_t number)
{
  text_add(to, what);
  text_addu(to, number);
  text_addc(to, '\n');
}

static void add_seconds(stralloc *to, char const *what, double seconds)
{
  text_add(to, what);
  fixed_add(to, seconds, 6);
  text_addc(to, '\n');
}

/* As awk prints a number that nobody gave a form: whole ones whole. */
static void add_plain(stralloc *to, char const *what, double number)
{
  char text[400];       /* of any double */
  text_add(to, what);
  text_addb(to, text, (size_t)snprintf(text, sizeof text, number == floor(number) ? "%.0f" : "%.6g", number));
  text_addc(to, '\n');
}

static void show_messages(stralloc *to)
{
  double n = (double)sums.messages;
  add_number(to, "Completed messages: ", sums.messages);
  if (!sums.messages) return;
  add_number(to, "Recipients for completed messages: ",
             sums.of_messages[ATTEMPT_SUCCESS] + sums.of_messages[ATTEMPT_FAILURE]);
  add_number(to, "Total delivery attempts for completed messages: ", all(sums.of_messages));
  add_plain(to, "Average delivery attempts per completed message: ", (double)all(sums.of_messages) / n);
  add_number(to, "Bytes in completed messages: ", sums.bytes);
  add_number(to, "Bytes weighted by success: ", sums.weighted);
  add_plain(to, "Average message qtime (s): ", sums.qtime / n);
}

static void show_span(stralloc *to)
{
  double span = (double)(sums.last - sums.first) / 1e9;
  if (span <= 0) return;
  add_plain(to, "Time span (days): ", span / 86400);
  add_plain(to, "Average concurrency: ", sums.xdelay / span);
}

static void show_deliveries(stralloc *to)
{
  uint64_t tries = all(sums.attempts), successes = sums.attempts[ATTEMPT_SUCCESS];
  add_number(to, "Total delivery attempts: ", tries);
  if (!tries) return;
  add_number(to, "  success: ", successes);
  add_number(to, "  failure: ", sums.attempts[ATTEMPT_FAILURE]);
  add_number(to, "  deferral: ", sums.attempts[ATTEMPT_DEFERRAL]);
  add_seconds(to, "Total ddelay (s): ", sums.ddelay);
  if (successes) add_seconds(to, "Average ddelay per success (s): ", sums.ddelay / (double)successes);
  add_seconds(to, "Total xdelay (s): ", sums.xdelay);
  add_seconds(to, "Average xdelay per delivery attempt (s): ", sums.xdelay / (double)tries);
  show_span(to);
}

void overall_show(stralloc *to)
{
  show_messages(to);
  text_addc(to, '\n');
  show_deliveries(to);
}
