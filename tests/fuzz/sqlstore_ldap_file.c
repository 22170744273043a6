/* etc/vpopmail.ldap: what is understood are strings of the file, or what is usual. */

#include "fuzz.h"

#include "ldap_file.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct ldap_file file;
  struct part in = whole(data, size);
  char const *fault = 0;
  bool read = ldap_file_parse(&file, &fault, in.s, in.len);
  assert(read == !fault);
  if (!read) return 0;
  assert(in.len < LDAP_FILE_MAX && file.values[LDAP_FILE_BASE] && !file.values[LDAP_FILE_BIND] == !file.values[LDAP_FILE_PASSWORD]);
  for (size_t i = 0; i < LDAP_FILE_WORDS; i++)
    assert(!file.values[i] || (*file.values[i] && strlen(file.values[i]) < LDAP_FILE_MAX && !strchr(file.values[i], '\n')));
  return 0;
}
