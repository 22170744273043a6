/* A key, a newline, and the file of a constant database: what is found in the file is what is found in its bytes. The head of
   2048 bytes is made of the first eight, the same for each table. */

#include "fuzz.h"

#include "cdb_at.h"
#include "cdb_bytes.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char bytes[2048 + 4096];
  static stralloc to = STRALLOC_ZERO;
  static int fd = -1;
  struct part file = whole(data, size), key = part_before(&file, '\n');
  struct field value;
  if (file.len < 8 || file.len > 4096) return 0;
  if (fd == -1) fd = file_new();
  for (size_t i = 0; i < 256; i++) memcpy(bytes + 8 * i, file.s, 8);
  memcpy(bytes + 2048, file.s + 8, file.len - 8);
  size_t const len = 2048 + file.len - 8;
  file_fill(fd, bytes, len);
  to.len = 0;
  int r = cdb_at_find(&to, fd, key.s, key.len, sizeof bytes);
  assert(r >= -1 && r <= 1 && (r == 1 || !to.len));
  if (cdb_bytes_find(&value, bytes, len, key.s, key.len) == 1) assert(r == 1 && same_bytes(to.s, to.len, value.s, value.len));
  return 0;
}
