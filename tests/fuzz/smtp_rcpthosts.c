/* A recipient, a newline, and control/morercpthosts.cdb as an enemy might leave it. */

#include "fuzz.h"

#include "rcpthosts.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static int fd = -1;
  struct rcpthosts r = { .names = NAMESET_ZERO };
  struct part file = whole(data, size), address = part_before(&file, '\n');
  if (fd == -1) {
    fd = file_new();
    place_enter("control");
    place_file("control/morercpthosts.cdb", fd);
  }
  file_fill(fd, file.s, file.len);
  if (rcpthosts_open_more(&r)) {
    int takes = rcpthosts_takes(&r, address.s, address.len);
    assert(takes >= -1 && takes <= 1);
  }
  if (r.has_more) cdb_free(&r.more);
  return 0;
}
