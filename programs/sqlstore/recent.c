#include <stdatomic.h>
#include <sys/mman.h>

#include "recent.h"

enum { EVERYBODY = 0 };

static struct changes_since {
  _Atomic uint64_t count, known;              /* ever, and so many of them the snapshot knows */
  _Atomic uint64_t numbers[RECENT_MAX];       /* of the last ones */
  _Atomic uint64_t under_way[RECENT_WORKERS]; /* 1 + how many there were when it began, or 0 */
} *since;

bool recent_share(void)
{
  since = mmap(0, sizeof *since, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return since != MAP_FAILED;
}

/* FNV-1a, without regard to case. */
static uint64_t mix(uint64_t n, struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    unsigned char c = (unsigned char)f.s[i];
    if (c >= 'A' && c <= 'Z') c = (unsigned char)(c - 'A' + 'a');
    n = (n ^ c) * 0x100000001b3;
  }
  return (n ^ 0xff) * 0x100000001b3;
}

/* Two of the same number are one more who waits. */
static uint64_t number_of(struct field domain, struct field name)
{
  uint64_t n = mix(mix(0xcbf29ce484222325, domain), name);
  return !name.len ? EVERYBODY : n ? n : 1;
}

void recent_add(struct field domain, struct field name)
{
  uint64_t const mine = atomic_fetch_add(&since->count, 1);
  since->numbers[mine % RECENT_MAX] = number_of(domain, name);
}

bool recent_has(struct field domain, struct field name)
{
  uint64_t const n = number_of(domain, name), end = since->count;
  uint64_t i = since->known;
  if (end - i > RECENT_MAX) return true;
  for (; i < end; i++) {
    uint64_t const one = since->numbers[i % RECENT_MAX];
    if (one == n || one == EVERYBODY) return true;
  }
  return false;
}

void recent_begin(size_t worker)
{
  since->under_way[worker] = since->count + 1;
}

void recent_end(size_t worker)
{
  since->under_way[worker] = 0;
}

uint64_t recent_now(void)
{
  uint64_t now = since->count;
  for (size_t i = 0; i < RECENT_WORKERS; i++) {
    uint64_t const begun = since->under_way[i];
    if (begun && begun - 1 < now) now = begun - 1;
  }
  return now;
}

void recent_forget(uint64_t before)
{
  since->known = before;
}

bool recent_is_empty(void)
{
  return since->known == since->count;
}
