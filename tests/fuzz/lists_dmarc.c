/* A domain's policy, a field From, and what is remembered of domains: what is remembered can be recalled. */

#include "fuzz.h"

#include "dmarc.h"
#include "text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size), first = part_before(&in, '\n');
  struct field from = { first.s, first.len }, all = { in.s, in.len };
  stralloc domain = STRALLOC_ZERO, memory = STRALLOC_ZERO;
  enum dmarc policy = dmarc_policy(all), recalled;
  if (dmarc_domain(&domain, from) && !holds(domain.s, domain.len, '\n') && domain.len < 256) {
    struct field name = { domain.s, domain.len };
    dmarc_recall(&recalled, all, name, 1000);
    dmarc_remember(&memory, all, name, policy, 1000);
    assert(memory.len < DMARC_CACHE_MAX + 300);
    assert(dmarc_recall(&recalled, (struct field){ memory.s, memory.len }, name, 1000));
    assert(recalled == (policy == DMARC_STRICT ? DMARC_STRICT : DMARC_OPEN));
  }
  stralloc_free(&domain);
  stralloc_free(&memory);
  return 0;
}
