/* A host: what is made of it is read as the same, has its bound and no byte that a line, a table of Dovecot or a command could take for
   something else. */

#include "fuzz.h"

#include "mail_host.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  char host[MAIL_HOST_SIZE], again[MAIL_HOST_SIZE];
  bool const is = mail_host_read(host, in.s, in.len);
  assert(is == (*host != 0) && strlen(host) < MAIL_HOST_SIZE);
  if (!is) return 0;
  assert(strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.:-") == strlen(host) && *host != '-');
  assert(mail_host_read(again, host, strlen(host)) && !strcmp(host, again));
  return 0;
}
