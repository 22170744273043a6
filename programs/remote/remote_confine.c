#include <stddef.h>

#include "confine.h"
#include "home.h"
#include "remote_confine.h"
#include "sts_entry.h"

enum { DNS_PORT = 53 };

/* The resolver's files are read again and again. */
static struct confine_path paths[] = {
  { "/dev/null",               CONFINE_READ | CONFINE_WRITE },
  { HOME "/queue/lock/tcpto",  CONFINE_READ | CONFINE_WRITE },
  { "/etc/resolv.conf",        CONFINE_READ },
  { "/etc/nsswitch.conf",      CONFINE_READ },
  { "/etc/host.conf",          CONFINE_READ },
  { "/etc/svc.conf",           CONFINE_READ },
  { "/etc/netsvc.conf",        CONFINE_READ },
  { "/etc/hosts",              CONFINE_READ },
  { "/dev/urandom",            CONFINE_READ },
  { 0 },                       /* as many as allow() may add */
  { 0 },
  { 0 },
  { 0 },
  { 0 }
};

enum { FIXED = sizeof paths / sizeof *paths - 5 };

static void allow(char const *path, unsigned allowed)
{
  static size_t more = 0;
  paths[FIXED + more++] = (struct confine_path){ path, allowed };
}

/* Nobody is told when the kernel cannot: there are too many of us. */
void remote_confine(unsigned port, unsigned other, bool tls, bool sts, char const *directory, bool bound)
{
  if (tls) allow(HOME "/queue/lock/tlsfailed", CONFINE_READ | CONFINE_WRITE);
  if (tls) allow(HOME "/queue/lock/tlsproven", CONFINE_READ | CONFINE_WRITE);
  if (sts) allow(HOME "/" STS_PLACE, CONFINE_READ);
  if (directory) allow(directory, CONFINE_READ);
  uint16_t const ports[] = { DNS_PORT, (uint16_t)port, (uint16_t)other, 0 };
  confine(&(struct confinement){
    .paths = paths, .ports = ports, .sources = bound, .calls = CONFINE_INTERNET | (tls ? CONFINE_HERE : 0)
  });
}
