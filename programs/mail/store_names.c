#include <string.h>

#include "store_names.h"

static char const *const names[STORE_KINDS] = {
  [STORE_CDB] = "cdb", [STORE_SQLITE] = "sqlite", [STORE_MYSQL] = "mysql", [STORE_PGSQL] = "pgsql", [STORE_LDAP] = "ldap"
};

enum store_kind store_kind_of(char const *name, size_t len)
{
  int kind = 0;
  while (kind < STORE_KINDS && (strlen(names[kind]) != len || memcmp(names[kind], name, len) != 0)) kind++;
  return (enum store_kind)kind;
}
