#include <string.h>

#include "bytes.h"
#include "local_known.h"

static struct known { stralloc box, record; uint64_t since; } known[KNOWN_BOXES];

static struct known *place_of(char const *box, size_t len)
{
  uint32_t h = 5381;
  for (size_t i = 0; i < len; i++) h = h * 33 ^ (unsigned char)box[i];
  return known + h % KNOWN_BOXES;
}

void known_learn(char const *box, size_t len, char const *record, size_t record_len, uint64_t now)
{
  struct known *k = place_of(box, len);
  k->record.len = 0;
  k->since = now;
  if (bytes_setb(&k->box, box, len)) bytes_setb(&k->record, record, record_len);
}

stralloc const *known_find(char const *box, size_t len, uint64_t now)
{
  struct known const *k = place_of(box, len);
  if (!k->record.len || now - k->since >= KNOWN_SECONDS) return 0;
  return k->box.len == len && !memcmp(k->box.s, box, len) ? &k->record : 0;
}

void known_forget(void)
{
  for (size_t i = 0; i < KNOWN_BOXES; i++) known[i].record.len = 0;
}
