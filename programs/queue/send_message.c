#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "send_log.h"
#include "send_message.h"

enum { ROWS_AT_FIRST = 1024, HEAP_AT_FIRST = 64 };

/* ---- states ---- */

static char const *const state_names[STATES] = {
  [UNSEEN] = "UNSEEN", [WAITING] = "WAITING", [FINISHED] = "FINISHED", [BOUNCING] = "BOUNCING", [REMOVING] = "REMOVING",
  [DAMAGED] = "DAMAGED", [FORGOTTEN] = "FORGOTTEN"
};

/* README.md has the same. */
static bool const may[FORGOTTEN][STATES] = {
  [UNSEEN]   = { [WAITING] = true, [FINISHED] = true, [DAMAGED] = true, [FORGOTTEN] = true },
  [WAITING]  = { [UNSEEN] = true, [WAITING] = true, [FINISHED] = true, [DAMAGED] = true, [FORGOTTEN] = true },
  [FINISHED] = { [FINISHED] = true, [BOUNCING] = true, [REMOVING] = true },
  [BOUNCING] = { [FINISHED] = true, [REMOVING] = true },
  [REMOVING] = { [UNSEEN] = true, [REMOVING] = true, [FORGOTTEN] = true },
  [DAMAGED]  = { [UNSEEN] = true, [DAMAGED] = true, [FORGOTTEN] = true },
};

void message_enter(struct message *m, enum message_state state)
{
  if (m->state == FORGOTTEN || !may[m->state][state]) {
    log_line("alert: internal error: msg %llu is %s and cannot become %s; dying...", (unsigned long long)m->id,
             state_names[m->state], state_names[state]);
    log_flush();
    _exit(111);
  }
  m->state = state;
}

/* ---- the table ---- */

static struct message **rows;
static size_t row_count, message_count;

/* Numbers are inodes and come in runs, so their low bits spread well enough; the product breaks up patterns. */
static size_t row_of(uint64_t id, size_t count)
{
  return (size_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (count - 1);
}

struct message *message_find(uint64_t id)
{
  if (!row_count) return 0;
  struct message *m = rows[row_of(id, row_count)];
  while (m && m->id != id) m = m->next;
  return m;
}

static void move_rows(struct message **to, size_t count)
{
  for (size_t i = 0; i < row_count; i++)
    for (struct message *m = rows[i], *next; m; m = next) {
      struct message **row = to + row_of(m->id, count);
      next = m->next;
      m->next = *row;
      *row = m;
    }
}

/* Without memory the rows just become longer; only the first table is needed. */
static void grow(void)
{
  size_t count = row_count ? 2 * row_count : ROWS_AT_FIRST;
  size_t const row = sizeof(struct message *);
  struct message **fresh = row_count ? calloc(count, row) : memory_zeroed(count, row);
  if (!fresh) return;
  move_rows(fresh, count);
  free(rows);
  rows = fresh;
  row_count = count;
}

struct message *message_add(uint64_t id)
{
  if (message_count >= row_count) grow();
  struct message *m = memory_zeroed(1, sizeof *m);
  struct message **row = rows + row_of(id, row_count);
  m->id = id;
  m->next = *row;
  *row = m;
  message_count++;
  return m;
}

void message_reset(struct message *m)
{
  struct message *next = m->next;
  uint64_t id = m->id;
  message_enter(m, UNSEEN);
  memset(m, 0, sizeof *m);
  m->next = next;
  m->id = id;
}

void message_forget(struct message *m)
{
  struct message **link = rows + row_of(m->id, row_count);
  message_enter(m, FORGOTTEN);
  for (int c = 0; c < CHANNELS; c++) unschedule(m, (enum channel)c);
  while (*link != m) link = &(*link)->next;
  *link = m->next;
  message_count--;
  free(m);
}

/* ---- the heaps ---- */

static bool before(struct heap const *h, struct message const *a, struct message const *b)
{
  if (a->due[h->key] != b->due[h->key]) return a->due[h->key] < b->due[h->key];
  if (a->birth != b->birth) return a->birth < b->birth;
  return a->id < b->id;
}

static void put(struct heap *h, size_t i, struct message *m)
{
  h->at[i] = m;
  m->place[h->key] = (uint32_t)i + 1;
}

static void rise(struct heap *h, size_t i, struct message *m)
{
  for (; i && before(h, m, h->at[(i - 1) / 2]); i = (i - 1) / 2) put(h, i, h->at[(i - 1) / 2]);
  put(h, i, m);
}

static void sink(struct heap *h, size_t i, struct message *m)
{
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= h->count) break;
    if (child + 1 < h->count && before(h, h->at[child + 1], h->at[child])) child++;
    if (!before(h, h->at[child], m)) break;
    put(h, i, h->at[child]);
    i = child;
  }
  put(h, i, m);
}

struct message *heap_first(struct heap const *h)
{
  return h->count ? h->at[0] : 0;
}

void heap_add(struct heap *h, struct message *m)
{
  if (h->count == h->room) {
    h->room = h->room ? 2 * h->room : HEAP_AT_FIRST;
    h->at = memory_resized(h->at, h->room, sizeof(struct message *));
  }
  rise(h, h->count++, m);
  if (h->sum && h->count <= SUMMED_MOST) ++*h->sum;
}

void heap_remove(struct heap *h, struct message *m)
{
  size_t i = m->place[h->key] - 1;
  struct message *last = h->at[--h->count];
  m->place[h->key] = 0;
  if (h->sum && h->count < SUMMED_MOST) --*h->sum;
  if (last == m) return;
  if (i && before(h, last, h->at[(i - 1) / 2])) rise(h, i, last);
  else sink(h, i, last);
}

void heap_all_due(struct heap *h, uint64_t when)
{
  for (size_t i = 0; i < h->count; i++)
    if (h->at[i]->due[h->key] > when) h->at[i]->due[h->key] = when;
  for (size_t i = h->count / 2; i-- > 0;) sink(h, i, h->at[i]);
}

/* ---- the plan ---- */

size_t local_and_new;
struct heap ready[CHANNELS][NEWNESSES] = {
  [CHANNEL_LOCAL] = { { .key = CHANNEL_LOCAL, .sum = &local_and_new }, { .key = CHANNEL_LOCAL } },
  [CHANNEL_REMOTE] = { { .key = CHANNEL_REMOTE }, { .key = CHANNEL_REMOTE } }
};
struct heap chores = { .key = CHANNEL_LOCAL };
struct heap bounces = { .key = CHANNEL_LOCAL };
struct heap parked[CHANNELS] = { [CHANNEL_LOCAL] = { .key = CHANNEL_LOCAL }, [CHANNEL_REMOTE] = { .key = CHANNEL_REMOTE } };

static struct heap *heap_of(struct message const *m, enum channel c)
{
  size_t i = (size_t)m->place[c] - 1;
  if (m->in[c]) return m->in[c];
  struct heap *const candidates[] = { &ready[c][NEW], &ready[c][OLD], &chores, &bounces, &parked[c], 0 };
  for (struct heap *const *h = candidates; *h; h++)
    if ((*h)->key == (int)c && i < (*h)->count && (*h)->at[i] == m) return *h;
  return 0;
}

bool scheduled(struct message const *m, enum channel c)
{
  return m->place[c] || m->held[c];
}

void unschedule(struct message *m, enum channel c)
{
  if (m->place[c]) heap_remove(heap_of(m, c), m);
  m->in[c] = 0;
  m->held[c] = false;
}

void schedule_in(struct message *m, enum channel c, uint64_t when, struct heap *h)
{
  unschedule(m, c);
  message_enter(m, WAITING);
  m->due[c] = when;
  heap_add(h, m);
  m->in[c] = h;
}

void schedule(struct message *m, enum channel c, uint64_t when)
{
  schedule_in(m, c, when, m->on_hold ? &parked[c] : &ready[c][m->first[c] ? NEW : OLD]);
  m->in[c] = 0;
}

static void go_on(struct message *m)
{
  if (m->pending || m->claim) return;
  for (int c = 0; c < CHANNELS; c++)
    if (m->held[c]) schedule(m, (enum channel)c, m->due[c]);
}

void pending_done(struct message *m)
{
  m->pending--;
  go_on(m);
}

void unclaim(struct message *m)
{
  m->claim = 0;
  go_on(m);
}

void set_hold(struct message *m, bool on_hold)
{
  m->on_hold = on_hold;
  for (int c = 0; c < CHANNELS; c++)
    if (m->state == WAITING && m->place[c]) schedule(m, (enum channel)c, m->due[c]);
}

void schedule_chore(struct message *m, uint64_t when)
{
  unschedule(m, (enum channel)chores.key);
  m->due[chores.key] = when;
  heap_add(&chores, m);
}
