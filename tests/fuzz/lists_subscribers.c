/* A file of subscribers, whatever is in it. */

#include "fuzz.h"

#include "subscribers.h"
#include "subscribers_records.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct field rest = { (char const *)data, size }, record, address;
  size_t seen = 0;
  while (subscribers_record(&record, &rest)) {
    seen += record.len;
    assert(!record.s[record.len - 1]);
    if (subscribers_record_address(&address, record)) assert(address.len && address.len <= LIST_ADDRESS_MAX);
  }
  assert(seen + rest.len == size);
  assert(subscribers_hash((struct field){ (char const *)data, size }, size & 1) < SUBSCRIBERS_HASHES);
  return 0;
}
