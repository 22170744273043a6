/* The bytes of a constant database: every record lies in them, and reading comes to an end. */

#include "fuzz.h"

#include "cdb_records.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char bytes[2048 + 4096];
  struct field key, value;
  size_t at = 0, before = 0;
  /* The head is mostly zero; of the input its first four bytes, and the records. */
  if (size < 4 || size > 4096) return 0;
  memcpy(bytes, data, 4);
  memcpy(bytes + 2048, data + 4, size - 4);
  size_t const len = 2048 + size - 4;
  while (cdb_records_next(&key, &value, bytes, len, &at) == CDB_RECORDS_ONE) {
    assert(at > before && at <= len);
    assert(key.s >= bytes + 2048 && value.s == key.s + key.len && value.s + value.len == bytes + at);
    before = at;
  }
  return 0;
}
