#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/uint16.h>

#include "bytes.h"
#include "spawn_reports.h"

bool spawn_reports_begin(struct spawn_reports *to)
{
  char slots[2];
  uint16_pack(slots, WIRE_SLOTS_MAX);
  return bytes_addb(&to->unsent, slots, sizeof slots);
}

size_t spawn_reports_waiting(struct spawn_reports const *to)
{
  return to->unsent.len;
}

/* A lost report would keep its slot busy for ever: only a broken pipe says that nobody waits for it. */
void spawn_reports_flush(struct spawn_reports *to)
{
  stralloc *unsent = &to->unsent;
  size_t sent = 0;
  while (sent < unsent->len && !to->unwanted) {
    ssize_t r = write(1, unsent->s + sent, unsent->len - sent);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1 && errno == EPIPE) to->unwanted = true;
    else if (r == -1 && errno != EAGAIN) sleep(1);
    if (r <= 0) break;
    sent += (size_t)r;
  }
  if (to->unwanted) sent = unsent->len;
  memmove(unsent->s, unsent->s + sent, unsent->len - sent);
  unsent->len -= sent;
}

/* For the same reason none is given up for want of memory: it is tried again once a second, until somebody has given
   some back. */
void spawn_report_in_full(struct spawn_reports *to, struct wire_command const *command, size_t i,
                          struct wire_report report)
{
  size_t before = to->unsent.len;
  report.slot = command->recipients[i].slot;
  while (!wire_report_pack(&to->unsent, &report)) {
    to->unsent.len = before;
    sleep(1);
  }
}

void spawn_report(struct spawn_reports *to, struct wire_command const *command, size_t i, char letter, char const *text,
                  size_t len)
{
  spawn_report_in_full(to, command, i, (struct wire_report){
    .letter = letter, .outcome = WIRE_UNKNOWN, .text = text, .len = len
  });
}

void spawn_report_text(struct spawn_reports *to, struct wire_command const *command, size_t i, char const *letter_and_text)
{
  spawn_report(to, command, i, letter_and_text[0], letter_and_text + 1, strlen(letter_and_text) - 1);
}

void spawn_report_all(struct spawn_reports *to, struct wire_command const *command, char const *letter_and_text)
{
  for (size_t i = 0; i < command->count; i++) spawn_report_text(to, command, i, letter_and_text);
}
