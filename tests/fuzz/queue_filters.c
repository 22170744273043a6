/* A file of filters: whatever is in it, the commands lie inside, end with a NUL, and none is empty or a comment. */

#include "bytes.h"
#include "fuzz.h"

#include "filter_chain.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct filter_chain chain;
  stralloc file = STRALLOC_ZERO;
  struct part in = whole(data, size);
  chain = (struct filter_chain){ 0 };
  assert(bytes_addb(&file, in.s, in.len) && bytes_end(&file));
  bool taken = filter_chain_take(&chain, file.s, file.len - 1);
  assert(chain.count <= FILTERS_MAX && (taken || chain.count == FILTERS_MAX));
  for (size_t i = 0; i < chain.count; i++) {
    char const *command = chain.of[i].command;
    assert(command >= file.s && command + strlen(command) < file.s + file.len);
    assert(*command != '#' && *command != '\n');
  }
  stralloc_free(&file);
  return 0;
}
