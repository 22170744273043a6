/* XCLIENT's attributes: what is taken has nothing in it that could break a line of the log, a header field or the
   environment. */

#include "fuzz.h"

#include "xclient.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  static struct xclient x;
  char *copy = malloc(in.len);
  if (in.len) memcpy(copy, in.s, in.len);
  bool taken = xclient_read(&x, copy, in.len);
  free(copy);
  for (size_t i = 0; taken && i < XCLIENT_ATTRIBUTES; i++) {
    assert(memchr(x.value[i], 0, XCLIENT_VALUE_MAX + 1) && (x.is_said[i] || !x.value[i][0]));
    for (char const *s = x.value[i]; *s; s++) assert(*s > ' ' && *s <= '~');
  }
  return 0;
}
