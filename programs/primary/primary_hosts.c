#include <string.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "control.h"
#include "dns.h"
#include "ipme.h"
#include "literal.h"
#include "primary.h"
#include "primary_hosts.h"
#include "smtp_route.h"

struct primary_self primary_self = { STRALLOC_ZERO, STRALLOC_ZERO };

static struct nameset primaries = NAMESET_ZERO, routes = NAMESET_ZERO;

static struct control const controls[] = {
  /* file          kind          goes to                when absent */
  { "primary",     CONTROL_MAP,  &primaries,            0 },
  { "primaryfrom", CONTROL_LINE, &primary_self.sender,  0 },
  { "helohost",    CONTROL_LINE, &primary_self.helo,    CONTROL_ME_NEEDED },
  { "smtproutes",  CONTROL_MAP,  &routes,               0 },
  { 0 }
};

static struct dns_addresses found = DNS_ADDRESSES_ZERO;

struct way { struct smtp_route relay; bool by_name; };    /* by_name: to a host, not to where the MX of the domain points */

/* False when nobody is to be asked. */
static bool way_of(struct way *to, char const *domain)
{
  struct field value;
  if (nameset_find_domain(&primaries, domain, strlen(domain), &value) != 1 || field_is(value, PRIMARY_LIST)) return false;
  to->by_name = value.len || smtp_route_for(&to->relay, &routes, domain);
  if (value.len) smtp_route_parse(&to->relay, value.s, value.len);
  if (!to->by_name) to->relay = (struct smtp_route){ .host = domain, .host_len = strlen(domain), .port = SMTP_PORT };
  return !to->relay.tls && to->relay.port;
}

static enum dns_result look_up(struct way const *way)
{
  static stralloc name = STRALLOC_ZERO;
  if (!bytes_setb(&name, way->relay.host, way->relay.host_len) || !bytes_z(&name)) return DNS_NOMEM;
  return way->by_name ? dns_host(&found, name.s) : dns_mx(&found, name.s);
}

static bool is_me(struct primary_host const *h)
{
  return h->port == SMTP_PORT && ipme_is(&h->ip);
}

/* In the order of their preference: behind the first that is this host there are none that are better. */
static size_t take(struct primary_host to[HOSTS_MAX], uint16_t port)
{
  struct dns_address const *a = genalloc_s(struct dns_address, &found.list);
  size_t count = genalloc_len(struct dns_address, &found.list), taken = 0, better = 0;
  uint32_t mine = UINT32_MAX;
  for (size_t i = 0; i < count; i++)
    if (a[i].preference < mine && is_me(&(struct primary_host){ a[i].ip, port })) mine = a[i].preference;
  for (; better < count && taken < HOSTS_MAX; better++)
    if (a[better].preference < mine) to[taken++] = (struct primary_host){ a[better].ip, port };
  return taken;
}

static enum hosts_found take_found(struct primary_host to[HOSTS_MAX], size_t *count, struct way const *way)
{
  dns_addresses_free(&found);
  switch (look_up(way)) {
    case DNS_OK: *count = take(to, (uint16_t)way->relay.port); break;
    case DNS_SOFT: case DNS_NOMEM: return HOSTS_UNTOLD;
    default: break;
  }
  return *count ? HOSTS_FOUND : HOSTS_NONE;
}

static bool read_controls(void)
{
  char const *culprit;
  if (control_load(controls, &culprit) && bytes_z(&primary_self.helo) && bytes_z(&primary_self.sender)) return true;
  strerr_warnwusys("read ", culprit);
  return false;
}

enum hosts_found hosts_of(struct primary_host to[HOSTS_MAX], size_t *count, char const *domain)
{
  struct way way;
  *count = 0;
  if (!read_controls() || !ipme_init()) return HOSTS_UNTOLD;
  if (!way_of(&way, domain)) return HOSTS_NONE;
  char const *s = way.relay.host;
  if (!literal_number(&to->ip, s, way.relay.host_len) && !literal_scan(&to->ip, s, way.relay.host_len)) return take_found(to, count, &way);
  to->port = (uint16_t)way.relay.port;
  *count = !is_me(to);
  return *count ? HOSTS_FOUND : HOSTS_NONE;
}
