#include <stdlib.h>
#include <string.h>

#include "queue_message.h"
#include "send.h"
#include "send_destination.h"
#include "send_recipients.h"
#include "text.h"

enum {
  KEPT = 128,                 /* messages: a little more than are taken in before passes begin */
  KEPT_BYTES = 32768,         /* of the envelope of one of them */
  SPARE = 256,                /* structures whose memory is used again, */
  SPARE_BYTES = 1024          /* when it is that little */
};

/* In an envelope in memory: goes there as he stands, or under another address. */
static char const letters[CHANNELS][2] = { [CHANNEL_LOCAL] = { 'L', 'V' }, [CHANNEL_REMOTE] = { 'R', 'P' } };

char const *envelope_text(stralloc const *envelope, char letter, char const *otherwise)
{
  struct queue_record record;
  for (size_t at = 0; queue_envelope_next(envelope, &at, &record);)
    if (record.letter == letter) return record.text;
  return otherwise;
}

/* ---- memory ---- */

static struct recipients *spare;
static size_t spare_count;

struct recipients *recipients_new(void)
{
  struct recipients *r = spare;
  if (r) {
    spare = r->next;
    spare_count--;
  } else r = memory_zeroed(1, sizeof *r);
  r->users = 1;
  return r;
}

struct recipients *recipients_share(struct recipients *r)
{
  r->users++;
  return r;
}

void recipients_leave(struct recipients *r)
{
  if (--r->users) return;
  if (spare_count == SPARE || r->envelope.a > SPARE_BYTES || r->rewritten.a > SPARE_BYTES) {
    stralloc_free(&r->envelope);
    stralloc_free(&r->rewritten);
    free(r);
    return;
  }
  r->next = spare;
  spare = r;
  spare_count++;
}

/* ---- routing ---- */

enum channel recipient_route(stralloc *address, char const *recipient, size_t len)
{
  int c;
  while ((c = route_surely(&routes, address, recipient, len)) == -1) memory_gone();
  return (enum channel)c;
}

static void route_one(struct recipients *r, struct queue_record const *record)
{
  static stralloc address = STRALLOC_ZERO;
  enum channel c = recipient_route(&address, record->text, record->len);
  bool same = address.len == record->len && !memcmp(address.s, record->text, record->len);
  destination_meet(c, &r->toward[c], r->todo[c] > 0, address.s, address.len);
  r->todo[c]++;
  r->envelope.s[record->offset] = letters[c][!same];
  if (same) return;
  text_end(&address);
  text_addx(&r->rewritten, &address);
}

void recipients_route(struct recipients *r)
{
  struct queue_record record;
  r->rewritten.len = 0;
  r->tables = tables_read;
  for (int c = 0; c < CHANNELS; c++) r->todo[c] = 0, r->toward[c] = 0;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);)
    if (record.letter == 'T') route_one(r, &record);
}

bool recipients_current(struct recipients const *r)
{
  return r->tables == tables_read;
}

static bool is_routed(char letter, enum channel *c, bool *rewritten)
{
  for (int i = 0; i < CHANNELS; i++)
    for (int k = 0; k < 2; k++) {
      if (letters[i][k] != letter) continue;
      *c = (enum channel)i;
      *rewritten = k;
      return true;
    }
  return false;
}

bool recipients_next(struct recipients const *r, enum channel c, struct recipients_at *at, struct recipient *next)
{
  static stralloc anew = STRALLOC_ZERO;
  struct queue_record record;
  enum channel to;
  bool rewritten;
  while (queue_envelope_next(&r->envelope, &at->record, &record)) {
    if (!is_routed(record.letter, &to, &rewritten)) continue;
    *next = (struct recipient){ record.offset, record.text, record.len };
    if (rewritten) {
      next->address = r->rewritten.s + at->rewritten;
      next->address_len = strlen(next->address);
      at->rewritten += next->address_len + 1;
    }
    if (!recipients_current(r)) {
      to = recipient_route(&anew, record.text, record.len);
      next->address = anew.s;
      next->address_len = anew.len;
    }
    if (to == c) return true;
  }
  return false;
}

void recipients_meet(struct recipients *r, enum channel c)
{
  struct recipients_at at = { 0, 0 };
  struct recipient next;
  for (bool any = false; recipients_next(r, c, &at, &next); any = true)
    destination_meet(c, &r->toward[c], any, next.address, next.address_len);
}

/* ---- from the first look to the first passes ---- */

static struct kept { uint64_t id; struct recipients *recipients; } kept[KEPT];

void recipients_keep(struct message *m, struct recipients *r)
{
  static unsigned next;
  struct kept *k = kept + next;
  if (r->envelope.len > KEPT_BYTES) return;
  if (k->recipients) recipients_leave(k->recipients);
  *k = (struct kept){ m->id, recipients_share(r) };
  next = (next + 1) % KEPT;
  m->kept = (unsigned char)(k - kept + 1);
}

struct recipients *recipients_kept(struct message const *m)
{
  struct kept const *k = m->kept ? kept + m->kept - 1 : 0;
  return k && k->id == m->id && recipients_current(k->recipients) ? recipients_share(k->recipients) : 0;
}
