/* matchup, mlmatchup: a line for each message and each attempt to deliver, from the log of qmail-send.

   runs as   who calls it; mlmatchup as a processor of multilog
   reads     the log on fd 0; mlmatchup before it what the last run left, on fd 4
   writes    lines to fd 1, and to fd 5 what is still open and comes in front of the next log
   exits     0, 111 trouble of the machine, or fd 5 is not open
*/

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>

#include "feed.h"
#include "matching.h"
#include "output.h"

enum { FD_BEFORE = 4, FD_PENDING = 5 };

static void add_counts(uint64_t const *count, enum attempt one, enum attempt two, enum attempt three)
{
  text_addc(&output, ' ');
  text_addu(&output, count[one]);
  text_addc(&output, ' ');
  text_addu(&output, count[two]);
  text_addc(&output, ' ');
  text_addu(&output, count[three]);
}

/* m BIRTH DONE BYTES NK ND NZ <SENDER> QP UID */
static void print_message(void *nothing, struct matched_message const *m)
{
  (void)nothing;
  text_addc(&output, 'm');
  output_word(m->birth);
  output_word(m->done);
  output_word(m->bytes);
  add_counts(m->count, ATTEMPT_SUCCESS, ATTEMPT_FAILURE, ATTEMPT_DEFERRAL);
  output_word(m->sender);
  output_word(m->qp);
  output_word(m->uid);
  output_line();
}

/* d R BIRTH DSTART DDONE BYTES <SENDER> CHAN.RECIP QP UID REASON; of an unknown result "?" without a blank behind it,
   as always. */
static void print_delivery(void *nothing, struct matched_delivery const *d)
{
  struct field const rest[] = { d->start, d->done, d->bytes, d->sender, d->channel };
  (void)nothing;
  text_add(&output, d->result < ATTEMPTS ? "d " : "?");
  if (d->result < ATTEMPTS) text_addb(&output, (char[]){ attempt_letters[d->result], ' ' }, 2);
  text_addb(&output, d->birth.s, d->birth.len);
  for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) output_word(rest[i]);
  text_addc(&output, '.');
  text_addb(&output, d->recipient.s, d->recipient.len);
  output_word(d->qp);
  output_word(d->uid);
  output_word(d->reason);
  output_line();
}

static void print_complaint(void *nothing, struct field line)
{
  (void)nothing;
  text_addb(&output, line.s, line.len);
  output_line();
}

static void print_unknown(void *nothing, struct field line)
{
  text_add(&output, "? ");
  print_complaint(nothing, line);
}

static struct matching_sink const printer = {
  .message = print_message, .delivery = print_delivery, .complaint = print_complaint, .unknown = print_unknown
};

static struct matching matching = { .sink = &printer };

/* "BIRTH info msg M: bytes B from <S> qp Q uid U", and how its deliveries ended so far. */
static void add_open_message(stralloc *to, struct open_item const *m)
{
  static char const *const between[OPEN_PARTS] = { " info msg ", " from ", " qp ", " uid ", "\n" };
  for (size_t i = 0; i < OPEN_PARTS; i++) {
    text_addb(to, m->part[i].s, m->part[i].len);
    text_add(to, between[i]);
    if (i != MESSAGE_BIRTH) continue;
    text_addu(to, m->number);
    text_add(to, ": bytes ");
  }
}

static void add_extra(stralloc *to, struct open_item const *m)
{
  text_addb(to, m->part[MESSAGE_BIRTH].s, m->part[MESSAGE_BIRTH].len);
  text_add(to, " extra ");
  text_addu(to, m->number);
  add_counts(m->count, ATTEMPT_SUCCESS, ATTEMPT_DEFERRAL, ATTEMPT_FAILURE);
  text_addc(to, '\n');
}

/* "DSTART starting delivery D: msg M to CHAN RECIP" */
static void add_open_delivery(stralloc *to, struct open_item const *d)
{
  text_addb(to, d->part[DELIVERY_START].s, d->part[DELIVERY_START].len);
  text_add(to, " starting delivery ");
  text_addu(to, d->number);
  text_add(to, ": msg ");
  text_addu(to, d->message);
  text_add(to, " to");
  output_word(d->part[DELIVERY_CHANNEL]);
  output_word(d->part[DELIVERY_RECIPIENT]);
  text_addc(to, '\n');
}

/* In a form that can be put in front of the rest of the log. */
static void add_pending(stralloc *to, struct field partial)
{
  struct open_item **messages = open_items_sorted(&matching.messages);
  struct open_item **deliveries = open_items_sorted(&matching.deliveries);
  for (size_t i = 0; messages[i]; i++) {
    add_open_message(to, messages[i]);
    add_extra(to, messages[i]);
  }
  for (size_t i = 0; deliveries[i]; i++) add_open_delivery(to, deliveries[i]);
  free(messages);
  free(deliveries);
  text_addb(to, partial.s, partial.len);
}

static void write_pending(struct field partial)
{
  add_pending(&output, partial);
  if (fcntl(FD_PENDING, F_GETFD) == -1 || allwrite(FD_PENDING, output.s, output.len) < output.len)
    strerr_diefusys(111, "write ", "fd 5");
}

int main(int argc, char const *const *argv)
{
  static int const fds[] = { FD_BEFORE, 0 };
  struct field line = { "", 0 };
  enum feed_result r;
  char const *slash = argc ? strrchr(argv[0], '/') : 0;
  PROG = !strcmp(slash ? slash + 1 : argc ? argv[0] : "", "mlmatchup") ? "mlmatchup" : "matchup";
  bool goes_on = PROG[1] == 'l';
  struct feed feed = { .fds = goes_on ? fds : fds + 1, .left = goes_on ? 2 : 1 };
  while ((r = feed_next(&feed, &line)) == FEED_LINE) matching_line(&matching, line);
  if (r == FEED_TROUBLE) strerr_diefusys(111, "read ", "input");
  output_flush();
  write_pending(r == FEED_PARTIAL ? line : (struct field){ "", 0 });
  feed_end(&feed);
  return 0;
}
