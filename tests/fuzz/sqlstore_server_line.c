/* etc/vpopmail.mysql: what is understood are strings of the file, and a second line is one by itself. */

#include "fuzz.h"

#include "server_line.h"

static void judge(struct part in, bool for_changes)
{
  static struct server_line line;
  char const *fault = 0;
  bool read = server_line_parse(&line, &fault, in.s, in.len, for_changes);
  assert(read == !fault);
  if (!read) return;
  assert(*line.user && *line.database && line.port <= 65535 && (!line.socket || *line.socket == '/'));
  assert(strlen(line.host) + strlen(line.user) + strlen(line.password) + strlen(line.database) + 4 <= in.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  judge(in, false);
  if (server_line_is_split(in.s, in.len)) judge(in, true);
  return 0;
}
