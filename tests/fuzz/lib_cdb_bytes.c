/* A key, a newline, and the bytes of a constant database: what is found lies in them behind its key. The head of 2048 bytes is
   made of the first eight, the same for each table. */

#include "fuzz.h"

#include "cdb_bytes.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char bytes[2048 + 4096];
  struct part file = whole(data, size), key = part_before(&file, '\n');
  struct field value;
  if (file.len < 8 || file.len > 4096) return 0;
  for (size_t i = 0; i < 256; i++) memcpy(bytes + 8 * i, file.s, 8);
  memcpy(bytes + 2048, file.s + 8, file.len - 8);
  size_t const len = 2048 + file.len - 8;
  int r = cdb_bytes_find(&value, bytes, len, key.s, key.len);
  assert(r >= -1 && r <= 1);
  if (r != 1) return 0;
  assert(value.s >= bytes + 2048 + key.len && value.len <= (size_t)(bytes + len - value.s));
  assert(!memcmp(value.s - key.len, key.s, key.len));
  return 0;
}
