/* A line of a list of users: its fields written with colons are read as the same. */

#include "fuzz.h"

#include "bulk_line.h"

static size_t put(char *to, size_t at, struct field f, char end)
{
  if (f.len) memcpy(to + at, f.s, f.len);
  to[at + f.len] = end;
  return at + f.len + 1;
}

static bool same(struct field a, struct field b)
{
  return same_bytes(a.s, a.len, b.s, b.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char text[2 * BULK_LINE_MAX];
  struct part in = whole(data, size);
  struct bulk_line one, again;
  if (bulk_line_parse(&one, in.s, in.len) != BULK_LINE_USER) return 0;
  assert(one.address.len && one.password.len && in.len <= BULK_LINE_MAX + 1);
  size_t len = put(text, 0, one.address, ':');
  len = put(text, len, one.password, ':');
  len = put(text, len, one.comment, ':');
  len = put(text, len, one.quota, '\r');
  if (len > BULK_LINE_MAX) return 0;
  assert(bulk_line_parse(&again, text, len) == BULK_LINE_USER);
  assert(same(one.address, again.address) && same(one.password, again.password));
  assert(same(one.comment, again.comment) && same(one.quota, again.quota));
  assert(!bulk_line_is_hash(one.password) || one.password.s[0] == '$' || one.password.s[0] == '{');
  return 0;
}
