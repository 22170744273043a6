#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "spawn_delivery.h"

static char const slot_too_big[] = "ZInternal error: delnum too big. (#4.3.5)\n";
static char const slot_in_use[] = "ZInternal error: delnum in use. (#4.3.5)\n";
static char const no_host[] = "DSorry, address must include host name. (#5.1.3)\n";

void spawn_close(int *fd)
{
  if (*fd != -1) close(*fd);
  *fd = -1;
}

/* ---- which there are ---- */

struct spawn_delivery *spawn_delivery_new(char const *s, size_t len)
{
  struct spawn_delivery *d = calloc(1, sizeof *d);
  if (!d) return 0;
  d->output_fd = -1;
  if (bytes_setb(&d->bytes, s, len)) {
    wire_command_unpack(&d->command, d->bytes.s, len);
    return d;
  }
  free(d);
  return 0;
}

void spawn_delivery_free(struct spawn_deliveries *all, struct spawn_copies *copies, struct spawn_delivery *d)
{
  for (size_t i = 0; i < d->command.count; i++) {
    all->slot_taken[d->command.recipients[i].slot] = false;
    spawn_copy_forget(copies, d->command.recipients[i].slot);
  }
  spawn_memory_give_back(copies, d->in_memory);
  stralloc_free(&d->output);
  stralloc_free(&d->bytes);
  free(d);
}

static char const *recipient_problem(struct spawn_deliveries const *all, struct wire_recipient const *r, unsigned slots)
{
  if (r->slot >= slots) return slot_too_big;
  if (all->slot_taken[r->slot]) return slot_in_use;
  if (!strchr(r->address, '@')) return no_host;
  return 0;
}

void spawn_slots_take(struct spawn_deliveries *all, struct spawn_reports *to, struct wire_command *c)
{
  size_t kept = 0;
  unsigned slots = wire_is_question(c) ? SPAWN_SLOTS : WIRE_SLOTS_MAX;
  for (size_t i = 0; i < c->count; i++) {
    char const *problem = recipient_problem(all, c->recipients + i, slots);
    if (problem) {
      spawn_report_text(to, c, i, problem);
    } else {
      all->slot_taken[c->recipients[i].slot] = true;
      c->recipients[kept++] = c->recipients[i];
    }
  }
  c->count = kept;
}

void spawn_delivery_runs(struct spawn_deliveries *all, struct spawn_delivery *d, pid_t pid, int output)
{
  d->pid = pid;
  d->output_fd = output;
  all->running[all->count++] = d;
}

struct spawn_delivery *spawn_delivery_take_ended(struct spawn_deliveries *all)
{
  for (size_t i = all->count; i--;) {
    struct spawn_delivery *d = all->running[i];
    if (d->pid || d->output_fd != -1) continue;
    all->running[i] = all->running[--all->count];
    all->light -= d->light;
    return d;
  }
  return 0;
}

struct spawn_delivery *spawn_delivery_of(struct spawn_deliveries const *all, pid_t pid)
{
  for (size_t i = 0; i < all->count; i++)
    if (all->running[i]->pid == pid) return all->running[i];
  return 0;
}

/* Of one that is made to end no more output is awaited: some program that left its group may hold it for ever, and
   the report is why it was ended, whatever it said. */
void spawn_delivery_ended(struct spawn_delivery *d, int wstat)
{
  d->pid = 0;
  d->wstat = wstat;
  if (d->steps) spawn_close(&d->output_fd);
}

bool spawn_delivery_is_light(struct spawn_deliveries *all, struct spawn_delivery *d)
{
  if (d->light) return false;
  all->light++;
  return d->light = true;
}

/* ---- what it says ---- */

static void keep(struct spawn_delivery *d, size_t most, char const *s, size_t len)
{
  size_t room = most - d->output.len;
  if (len > room) d->cut = true;
  if (!bytes_addb(&d->output, s, len < room ? len : room)) d->cut = true;
}

void spawn_delivery_read(struct spawn_delivery *d, size_t most)
{
  char block[65536];
  ssize_t r = read(d->output_fd, block, sizeof block);
  if (r == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (r > 0) keep(d, most, block, (size_t)r);
  else spawn_close(&d->output_fd);
}

void spawn_delivery_mark_cut(struct spawn_delivery *d, char const *text)
{
  if (!d->cut || !text) return;
  size_t len = strlen(text);
  if (len > d->output.len) return;
  memcpy(d->output.s + d->output.len - len, text, len);
}
