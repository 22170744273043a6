/* A name that a client calls: what is made of it can be no path and no pattern, and is made of itself again. */

#include "fuzz.h"

#include "certificate_name.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  char name[TLS_NAME_MAX + 1], again[TLS_NAME_MAX + 1], file[sizeof name + 4];
  if (!certificate_name(name, in.s, in.len)) return 0;
  size_t len = strlen(name);
  assert(len && len <= TLS_NAME_MAX && (len == in.len || len + 1 == in.len));
  assert(!strchr(name, '/') && name[0] != '.' && !strstr(name, "..") && !strchr(name + 1, '*'));
  assert(certificate_name(again, name, len) && !strcmp(name, again));
  stpcpy(stpcpy(file, name), ".pem");
  assert(certificate_stem(file) == len);
  struct certificate_for const of_it = { name, 1 };
  assert(certificate_choose(&of_it, 1, name, 0) == 1);
  return 0;
}
