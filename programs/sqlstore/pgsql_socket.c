#include <string.h>

#include <skalibs/types.h>

#include "pgsql_socket.h"

#define FILE_NAME "/.s.PGSQL."

bool pgsql_socket_parse(struct pgsql_socket *to, char const *path)
{
  size_t const len = strlen(path);
  if (*path != '/' || len > PGSQL_SOCKET_MAX) return false;
  memcpy(to->directory, path, len + 1);
  to->port = 0;
  char *name = strrchr(to->directory, '/');
  size_t const head = sizeof FILE_NAME - 1;
  unsigned port;
  if (strncmp(name, FILE_NAME, head) != 0 || !uint0_scan(name + head, &port) || !port || port > 65535) return true;
  to->port = port;
  name[name == to->directory] = 0;
  return true;
}
