/* Questions to the one who counts, behind the lines of a control file, and lines of what he has kept: what is granted to several
   sessions is never more than there is, and what is kept is read back. */

#include "fuzz.h"

#include "counter.h"
#include "kept.h"

enum { SESSIONS = 4, T = 494000 * 3600 };

static struct usages usages;
static struct counter counter = { .usages = &usages };
static struct debts debts[SESSIONS];

static void forget(void)
{
  counter_clear(&counter, (struct field){ "", 0 });
  memset(usages.is_used, 0, sizeof usages.is_used);
  memset(debts, 0, sizeof debts);
}

static struct field take(struct part *rest)
{
  struct part p = part_before(rest, '\n');
  return (struct field){ p.s, p.len };
}

static void ask(struct part *rest, uint64_t *t)
{
  char text[COUNTER_TEXT_MAX];
  struct limit_answer a;
  struct debts *d = debts + part_byte(rest) % SESSIONS;
  *t += part_byte(rest);
  struct limit_question q = { .verb = part_byte(rest) % 2 ? LIMIT_CONNECT : LIMIT_SEND, .messages = part_byte(rest), .recipients = part_byte(rest),
                              .wanted = part_byte(rest) };
  q.class = take(rest), q.address = take(rest), q.login = take(rest), q.domain = take(rest);
  counter_answer(&counter, &a, d, &q, *t, text);
  assert(a.text.len <= COUNTER_TEXT_MAX && d->count <= 2);
  if (a.said == LIMIT_MUST_WAIT) assert(a.seconds >= 1 && !d->count && a.text.len);
  else if (q.verb == LIMIT_SEND) assert(a.messages && a.recipients >= (q.wanted ? q.wanted : 1));
}

static void keep_and_read(uint64_t t)
{
  static struct usages again;
  char line[KEPT_LINES_MAX];
  enum limit_subject subject;
  size_t at = 0;
  for (struct usage *u; (u = usage_next(&usages, &subject, &at));) {
    size_t len = kept_line(line, subject, u, t);
    assert(len <= sizeof line);
    if (len) assert(line[len - 1] == '\n' && kept_read(&again, line, len - 1, t));
  }
  at = 0;
  for (struct usage *u; (u = usage_next(&again, &subject, &at));) u->mark = 0;
  memset(again.is_used, 0, sizeof again.is_used);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char list[65536];
  struct part rest = whole(data, size), lines = part_before(&rest, 0);
  uint64_t t = T;
  assert(limit_set_read(&counter.set, lines.s, lines.len, 0));
  forget();
  for (int i = 0; i < 20 && rest.len; i++) ask(&rest, &t);
  if (rest.len) kept_read(&usages, rest.s, rest.len, t);
  assert(counter_list(&counter, list, sizeof list, t) <= sizeof list);
  keep_and_read(t);
  return 0;
}
