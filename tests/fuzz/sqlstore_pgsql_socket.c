/* A socket of PostgreSQL: what is cut off comes back when it is put together. */

#include "fuzz.h"

#include "pgsql_socket.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  char path[2 * PGSQL_SOCKET_MAX] = "";
  struct pgsql_socket s;
  if (size >= sizeof path) return 0;
  memcpy(path, data, size);
  if (!pgsql_socket_parse(&s, path)) {
    assert(*path != '/' || strlen(path) > PGSQL_SOCKET_MAX);
    return 0;
  }
  size_t const len = strlen(s.directory);
  assert(*s.directory == '/' && strncmp(path, s.directory, len) == 0 && s.port <= 65535);
  assert(s.port ? strstr(path + len - (len == 1), "/.s.PGSQL.") == path + len - (len == 1) : !path[len]);
  return 0;
}
