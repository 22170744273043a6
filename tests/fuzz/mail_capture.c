/* Both sides of a session for a log that others read: whatever they say, of the line behind a command that brings a password no
   more is shown than the command. Lines that begin with > were answered. */

#include "fuzz.h"

#include <strings.h>

#include "capture.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct capture_state s = { .in_exchange = false };
  struct part all = whole(data, size);
  while (all.len) {
    struct part line = part_before(&all, '\n');
    if (line.len && *line.s == '>') {
      capture_answered(&s, line.s + 1, line.len - 1);
      continue;
    }
    bool in_exchange = s.in_exchange;
    char *exact = malloc(line.len + !line.len);
    memcpy(exact, line.s, line.len);
    size_t shown = capture_shown(&s, exact, line.len);
    assert(shown <= line.len);
    if (in_exchange) assert(!shown && !s.in_exchange);
    if (!in_exchange && line.len > 5 && !strncasecmp(exact, "PASS ", 5)) assert(shown == 4);
    free(exact);
  }
  return 0;
}
