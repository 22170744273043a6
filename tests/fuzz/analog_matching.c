/* Whatever a log says: no more ends than there were beginnings, and what is printed is a piece of what was read. */

#include "fuzz.h"

#include "matching.h"
#include "record.h"
#include "stamp.h"

static size_t begun, messages, deliveries;

static void on_begun(void *with, struct open_item const *m)
{
  (void)with;
  begun++;
  for (size_t i = 0; i < m->part[MESSAGE_SENDER].len; i++)
    assert(m->part[MESSAGE_SENDER].s[i] < 'A' || m->part[MESSAGE_SENDER].s[i] > 'Z');
}

static void on_message(void *with, struct matched_message const *m)
{
  (void)with;
  messages++;
  assert(m->birth.len <= STAMP_MAX && m->done.len <= STAMP_MAX);
}

static void on_delivery(void *with, struct matched_delivery const *d)
{
  struct field const all[] = { d->birth, d->start, d->done, d->bytes, d->sender, d->channel, d->recipient, d->qp, d->uid, d->reason };
  (void)with;
  deliveries++;
  assert(d->result <= ATTEMPTS);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) assert(!holds(all[i].s, all[i].len, ' '));
  assert(record_seconds(d->start, d->done) < 1e10);
}

static void on_line(void *with, struct field line)
{
  struct record record;
  (void)with;
  record_read(&record, line);
  assert(record.kind == RECORD_OTHER || line.s[1] == ' ');
}

static struct matching_sink const sink = { on_begun, on_message, on_delivery, on_line, on_line };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct matching matching = { .sink = &sink };
  struct part rest = whole(data, size);
  begun = messages = deliveries = 0;
  while (rest.len) {
    struct part line = part_before(&rest, '\n');
    struct record record;
    matching_line(&matching, (struct field){ line.s, line.len });
    record_read(&record, (struct field){ line.s, line.len });
  }
  assert(messages + matching.messages.count <= begun);
  assert(deliveries + matching.deliveries.count <= times((char const *)data, size, "starting"));
  struct open_item **sorted = open_items_sorted(&matching.messages);
  for (size_t i = 0; i < matching.messages.count; i++) assert(open_items_find(&matching.messages, sorted[i]->number) == sorted[i]);
  free(sorted);
  open_items_clear(&matching.messages);
  open_items_clear(&matching.deliveries);
  return 0;
}
