/* DIR/subdb and DIR/sql: what is understood are strings of the file, and the table's name can stand in a statement. */

#include "fuzz.h"

#include "subdb.h"

static void judge(struct part in, char const *file)
{
  static struct subdb where;
  char const *fault = 0;
  bool const read = subdb_parse(&where, &fault, file, in.s, in.len);
  assert(read == !fault);
  if (!read || where.kind == SUBDB_FILES) return;
  assert(where.kind < SUBDB_KINDS && where.port <= 65535 && (!where.socket || *where.socket == '/'));
  assert(subdb_is_table(where.table, strlen(where.table)) && !strpbrk(where.table, "\"`'; \\"));
  assert(*where.database && (*where.user || where.kind == SUBDB_SQLITE));
  assert(strlen(where.host) + strlen(where.user) + strlen(where.password) <= SUBDB_LINE_MAX);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  judge(in, "subdb");
  judge(in, "sql");
  return 0;
}
