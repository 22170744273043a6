/* A box, a newline, and users/cdb as an enemy might leave it: whatever it says, the lookup ends and stays in
   bounds. */

#include "fuzz.h"

#include "users.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct user user = USER_ZERO;
  static int fd = -1;
  struct part file = whole(data, size), box = part_before(&file, '\n');
  if (fd == -1) {
    fd = file_new();
    place_enter("users");
    place_file("users/cdb", fd);
  }
  file_fill(fd, file.s, file.len);
  if (users_find(&user, box.s, box.len) == USERS_FOUND) assert(user.name.len && user.uid != UINT32_MAX);
  return 0;
}
