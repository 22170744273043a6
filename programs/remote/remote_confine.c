#include <stdbool.h>

#include "confine.h"
#include "home.h"
#include "remote_confine.h"

enum { DNS_PORT = 53 };

/* The resolver's files are read for every delivery of an agent; qmail-rspawn sends it away when they change. */
static struct confine_path const paths[] = {
  { HOME "/control",           CONFINE_READ | CONFINE_LINKS },
  { "/dev/null",               CONFINE_READ | CONFINE_WRITE },
  { HOME "/queue/lock/tcpto",  CONFINE_READ | CONFINE_WRITE },
  { "/etc/resolv.conf",        CONFINE_READ },
  { "/etc/nsswitch.conf",      CONFINE_READ },
  { "/etc/host.conf",          CONFINE_READ },
  { "/etc/svc.conf",           CONFINE_READ },
  { "/etc/hosts",              CONFINE_READ },
  { "/dev/urandom",            CONFINE_READ },
  { 0 }
};
static struct confine_path const *const without_controls = paths + 1;

static bool by_agent;

/* Nobody is told when the kernel cannot: there are too many of us. */
void remote_confine_agent(void)
{
  confine(&(struct confinement){ .paths = paths, .calls = CONFINE_INTERNET });
  by_agent = true;
}

void remote_confine_delivery(unsigned port)
{
  uint16_t const ports[] = { DNS_PORT, (uint16_t)port, 0 };
  struct confinement const alone = { .paths = without_controls, .ports = ports, .calls = CONFINE_INTERNET };
  struct confinement const still_missing = { .ports = ports };
  confine(by_agent ? &still_missing : &alone);
}
