#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/uint16.h>

#include "queue_path.h"
#include "send.h"
#include "send_delivery.h"
#include "send_log.h"
#include "send_places.h"
#include "text.h"

enum {
  READ_BLOCK = 65536,
  LOOK = 60,            /* seconds between looks at what runs */
  LONG = 600,           /* a delivery that has been running so long is told of, */
  LONG_AGAIN = 3600     /* and again each time this has passed */
};

struct spawner spawners[CHANNELS];

static char const *const channel_name[CHANNELS] = { [CHANNEL_LOCAL] = "local", [CHANNEL_REMOTE] = "remote" };
static unsigned long deliveries;
static uint64_t longest, look_at;

/* ---- beginning ---- */

static bool spawner_begin(enum channel c)
{
  struct spawner *s = &spawners[c];
  struct command *command;
  char packed[2];
  uint16_t slots;
  if (allread(s->reports_fd, packed, sizeof packed) < sizeof packed) return false;
  uint16_unpack(packed, &slots);
  s->slots = places[c].carried = slots < WIRE_SLOTS_MAX ? slots : WIRE_SLOTS_MAX;
  s->slot = memory_zeroed(s->slots + 1, sizeof *s->slot);
  s->free = memory_zeroed(s->slots + 1, sizeof *s->free);
  command = memory_zeroed(s->slots + 1, sizeof *command);
  for (unsigned i = 0; i < s->slots; i++) {
    s->slot[i].index = i;
    s->free[i] = s->slots - 1 - i;
  }
  for (unsigned i = 0; i <= s->slots; i++) {
    command[i].next_free = s->free_command;
    s->free_command = command + i;
  }
  return s->alive = true;
}

bool spawners_begin(void)
{
  return spawner_begin(CHANNEL_LOCAL) && spawner_begin(CHANNEL_REMOTE);
}

/* ---- slots ---- */

unsigned delivery_room(enum channel c)
{
  struct spawner const *s = &spawners[c];
  return s->alive && places_free(c) ? s->slots - s->running : 0;
}

void log_status(void)
{
  char long_one[40] = "";
  if (longest) snprintf(long_one, sizeof long_one, " longest %llu", (unsigned long long)longest);
  log_line("status: local %u/%u remote %u/%u%s%s", places[CHANNEL_LOCAL].taken, places_all(CHANNEL_LOCAL),
           places[CHANNEL_REMOTE].taken, places_all(CHANNEL_REMOTE), long_one, stopping ? " exitasap" : "");
}

/* Seconds, or 0 when that is not very long. */
static uint64_t longest_now(void)
{
  uint64_t oldest = now;
  for (int c = 0; c < CHANNELS; c++)
    for (unsigned i = 0; i < spawners[c].slots; i++) {
      struct slot const *slot = spawners[c].slot + i;
      if (slot->message && slot->command->left && slot->command->begun < oldest) oldest = slot->command->begun;
    }
  return now - oldest < LONG ? 0 : now - oldest;
}

void deliveries_look(void)
{
  if (now < look_at) return;
  uint64_t before = longest;
  longest = longest_now();
  look_at = now + LOOK;
  if (longest && (!before || longest / LONG_AGAIN != before / LONG_AGAIN)) log_status();
}

uint64_t deliveries_look_next(void)
{
  return deliveries_running() ? look_at : UINT64_MAX;
}

unsigned deliveries_running(void)
{
  unsigned running = 0;
  for (int c = 0; c < CHANNELS; c++)
    if (spawners[c].alive) running += spawners[c].running;
  return running;
}

struct slot *delivery_slot(enum channel c, struct message *m, size_t offset, char const *recipient, size_t len)
{
  struct spawner *s = &spawners[c];
  struct slot *slot = s->slot + s->free[s->slots - s->running - 1];
  text_setb(&slot->recipient, recipient, len);
  text_end(&slot->recipient);
  slot->message = m;
  slot->offset = offset;
  s->running++;
  return slot;
}

void delivery_give_back(enum channel c, struct slot *slot)
{
  struct spawner *s = &spawners[c];
  slot->message = 0;
  s->running--;
  s->free[s->slots - s->running - 1] = slot->index;
}

/* ---- commands ---- */

static void command_begin(enum channel c, struct destination *d, struct slot *const *slots, size_t count)
{
  struct spawner *s = &spawners[c];
  struct command *command = s->free_command;
  s->free_command = command->next_free;
  places[c].taken++;
  *command = (struct command){ .left = (unsigned)count, .destination = d, .outcome = UNKNOWN, .begun = now,
                               .newness = slots[0]->message->first[c] ? NEW : OLD };
  for (size_t i = 0; i < count; i++) slots[i]->command = command;
  destination_started(d, command->newness);
}

static void log_starts(enum channel c, uint64_t id, struct slot *const *slots, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    slots[i]->number = ++deliveries;
    log_line("starting delivery %lu: msg %llu to %s %s", slots[i]->number, (unsigned long long)id, channel_name[c],
             log_safe(slots[i]->address.s, slots[i]->address.len - 1));
    log_status();
  }
}

static void put_command(enum channel c, struct wire_command const *command)
{
  stralloc *bytes = &spawners[c].commands.bytes;
  size_t len = bytes->len;
  while (!wire_command_pack(bytes, command)) {
    bytes->len = len;
    memory_gone();
  }
}

/* NUL-terminated here; null when there are none at all. */
static char const *extras_of(stralloc const *message, struct slot *const *slots, size_t count)
{
  bool any = message->len > 0;
  for (size_t i = 0; i < count; i++) any = any || slots[i]->extras.len;
  if (!any) return 0;
  for (size_t i = 0; i < count; i++) text_z(&slots[i]->extras);
  return message->len ? message->s : "";
}

/* As whom the sender's mail goes to other hosts; null: as always. */
static char const *identity_of(enum channel c, char const *sender)
{
  static stralloc text = STRALLOC_ZERO;
  if (c == CHANNEL_LOCAL) return 0;
  while (!sending_identity_find(&text, &settings.identities, sender)) memory_gone();
  return text.len ? text.s : 0;
}

void delivery_start(enum channel c, char const *sender, stralloc const *extras, struct destination *d,
                    struct slot *const *slots, size_t count)
{
  uint64_t id = slots[0]->message->id;
  struct wire_command command;
  char messid[QUEUE_PATH_MAX];
  queue_path_id(messid, id);
  command.stranger = destination_is_strange(d);
  command.messid = messid;
  command.sender = sender;
  command.destination = c == CHANNEL_REMOTE ? destination_name(d) : "";
  command.identity = identity_of(c, sender);
  command.extras = extras_of(extras, slots, count);
  command.count = count;
  for (size_t i = 0; i < count; i++)
    command.recipients[i] = (struct wire_recipient){ slots[i]->index, slots[i]->address.s, slots[i]->extras.s };
  put_command(c, &command);
  command_begin(c, d, slots, count);
  log_starts(c, id, slots, count);
}

void deliveries_end(void)
{
  for (int c = 0; c < CHANNELS; c++)
    if (spawners[c].alive && spawners[c].running) put_command((enum channel)c, &WIRE_END);
}

/* What is asked is an address, like everything a spawner gets. */
void delivery_ask(enum channel c, unsigned number, char const *name)
{
  static stralloc address = STRALLOC_ZERO;
  text_set(&address, c == CHANNEL_LOCAL ? name : "@");
  text_add(&address, c == CHANNEL_LOCAL ? "@" : name);
  text_end(&address);
  struct wire_command command = { .messid = "", .sender = "", .destination = "", .count = 1 };
  command.recipients[0] = (struct wire_recipient){ WIRE_SLOTS_MAX + number, address.s, "" };
  put_command(c, &command);
}

/* ---- reports ---- */

void delivery_reports_read(enum channel c)
{
  struct spawner *s = &spawners[c];
  text_room(&s->reports, READ_BLOCK);
  ssize_t n = read(s->reports_fd, s->reports.s + s->reports.len, READ_BLOCK);
  if (n == -1 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0) s->reports.len += (size_t)n;
  else spawner_lost(c);
}

/* What the report is about; false when it is about nothing that was sent. */
static bool is_expected(enum channel c, struct delivery_report *r, unsigned number)
{
  struct spawner const *s = &spawners[c];
  if (number >= WIRE_SLOTS_MAX) return true;
  r->slot = number < s->slots ? s->slot + number : 0;
  if (!r->slot || !r->slot->message) return false;
  if (c == CHANNEL_REMOTE) r->host = destination_name(r->slot->command->destination);
  return true;
}

void log_unexpected(void)
{
  log_line("warning: internal error: delivery report out of range");
}

static void keep_rest(struct spawner *s)
{
  memmove(s->reports.s, s->reports.s + s->reports_at, s->reports.len - s->reports_at);
  s->reports.len -= s->reports_at;
  s->reports_at = 0;
}

bool delivery_report_next(enum channel c, struct delivery_report *r)
{
  struct spawner *s = &spawners[c];
  struct wire_report said;
  long n;
  while ((n = wire_report_unpack(&said, s->reports.s + s->reports_at, s->reports.len - s->reports_at)) > 0) {
    s->reports_at += (size_t)n;
    *r = (struct delivery_report){ .question = said.slot - WIRE_SLOTS_MAX, .host = "", .letter = said.letter,
                                   .outcome = said.outcome, .most = said.most, .text = said.text, .len = said.len };
    if (is_expected(c, r, said.slot)) return true;
    log_unexpected();
  }
  keep_rest(s);
  if (n < 0) spawner_lost(c);
  return false;
}

/* A deferral by a server that answers says neither that the destination works nor that it does not. */
void delivery_count(struct delivery_report const *r)
{
  struct command *command = r->slot->command;
  bool verdict = r->letter == 'K' || (r->letter == 'D' && r->outcome == WIRE_REACHED);
  if (r->letter == 'Z' && r->outcome == WIRE_UNREACHED) command->outcome = UNREACHED;
  else if (verdict && command->outcome == UNKNOWN) command->outcome = REACHED;
  if (r->most && r->most <= WIRE_RECIPIENTS_MAX) destination_learn_most(command->destination, r->most);
  command->left--;
}

static void log_rest(struct destination const *d, stralloc const *address, unsigned seconds)
{
  char where[WIRE_DESTINATION_MAX + 1];
  size_t len;
  char const *name = destination_name(d), *domain = destination_domain(address->s, address->len - 1, &len);
  snprintf(where, sizeof where, "%s", log_safe(name, strlen(name)));
  bool itself = strlen(name) == len && !strncasecmp(name, domain, len);
  log_line("warning: unable to reach %s%s%s; next attempt in %u seconds", log_safe(domain, len), itself ? "" : " at ",
           itself ? "" : where, seconds);
}

static void destination_told(struct command const *command, stralloc const *address)
{
  unsigned rest;
  if (command->outcome == UNREACHED) destination_doubt(address->s, address->len - 1);
  if (destination_ended(command->destination, command->newness, command->outcome, &rest))
    log_rest(command->destination, address, rest);
}

void delivery_is_light(enum channel c, struct slot const *slot)
{
  if (slot->command->light) return;
  slot->command->light = true;
  places[c].light++;
}

bool delivery_command_ended(enum channel c, struct slot const *slot)
{
  struct command *command = slot->command;
  if (command->left) return false;
  places[c].taken--;
  places[c].light -= command->light;
  if (longest) longest = longest_now();
  destination_told(command, &slot->address);
  command->next_free = spawners[c].free_command;
  spawners[c].free_command = command;
  return true;
}

void spawner_lost(enum channel c)
{
  if (!spawners[c].alive) return;
  spawners[c].alive = false;
  stopping = true;
  log_line("alert: oh no! lost spawn connection! dying...");
}

/* ---- looking ---- */

static int by_offset(void const *a, void const *b)
{
  size_t const x = *(size_t const *)a, y = *(size_t const *)b;
  return x < y ? -1 : x > y;
}

size_t deliveries_of(struct message const *m, size_t const **offsets)
{
  static size_t *found;
  size_t count = 0, room = (size_t)spawners[CHANNEL_LOCAL].slots + spawners[CHANNEL_REMOTE].slots;
  if (!found) found = memory_zeroed(room + 1, sizeof *found);
  for (int c = 0; c < CHANNELS; c++)
    for (unsigned i = 0; i < spawners[c].slots; i++) {
      struct slot const *slot = spawners[c].slot + i;
      if (slot->message == m) found[count++] = slot->offset;
    }
  qsort(found, count, sizeof *found, by_offset);
  *offsets = found;
  return count;
}
