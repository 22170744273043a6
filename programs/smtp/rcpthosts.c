#include <errno.h>
#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "address.h"
#include "rcpthosts.h"

int rcpthosts_open_more(struct rcpthosts *r)
{
  int fd = openbc_read("control/morercpthosts.cdb");
  if (fd == -1) return errno == ENOENT;
  r->has_more = cdb_init(&r->more, fd) == 0;
  fd_close(fd);   /* the map stays */
  return r->has_more;
}

static int more_takes(struct rcpthosts const *r, char const *domain, size_t len)
{
  char key[ADDRESS_MAX];
  struct cdb more = r->more;   /* a search leaves its place in it */
  if (!r->has_more || len > sizeof key) return 0;
  memcpy(key, domain, len);
  case_lowerb(key, len);
  for (size_t i = 0; i < len; i++) {
    if (i && key[i] != '.') continue;
    int found = cdb_find(&more, key + i, (unsigned)(len - i));
    if (found) return found;
  }
  return 0;
}

int rcpthosts_takes(struct rcpthosts const *r, char const *address, size_t len)
{
  size_t at = address_at(address, len);
  if (at == len) return 1;
  address += at + 1;
  len -= at + 1;
  struct field value;
  int found = nameset_find_domain(&r->names, address, len, &value);
  if (found == -1) errno = EPROTO;
  return found ? found : more_takes(r, address, len);
}
