#include <string.h>

#include "send.h"
#include "send_limits.h"

/* 0, which is no limit, is the greatest. */
static unsigned lesser(unsigned a, unsigned b)
{
  return b - 1 < a - 1 ? b : a;
}

/* Those without a line. */
static struct send_limits rest(void)
{
  unsigned long usual = settings.concurrencydestination;
  struct send_limits l = { .connections = usual <= DESTINATION_NUMBER_MAX ? (unsigned)usual : 0, .rate = { 0, 1 } };
  struct field value;
  if (nameset_find(&settings.destinationconnections, "", 0, &value) == 1)
    destination_number_read(&l.connections, value.s, value.len);
  if (nameset_find(&settings.destinationrate, "", 0, &value) == 1) destination_rate_read(&l.rate, value.s, value.len);
  return l;
}

/* What makes no sense is no line. */
static void look_up(struct send_limits *l, char const *name, size_t len)
{
  struct field value;
  l->connections_named = nameset_find_domain(&settings.destinationconnections, name, len, &value) == 1
                         && destination_number_read(&l->connections, value.s, value.len);
  l->rate_named = nameset_find_domain(&settings.destinationrate, name, len, &value) == 1
                  && destination_rate_read(&l->rate, value.s, value.len);
}

struct send_limits limits_of_domain(char const *domain, size_t len)
{
  struct send_limits l = rest();
  look_up(&l, domain, len);
  return l;
}

/* Of a relay without its port; an address of IPv6 has several colons. */
static size_t without_port(char const *name, size_t len)
{
  char const *first = memchr(name, ':', len);
  return first && first == memrchr(name, ':', len) ? (size_t)(first - name) : len;
}

struct send_limits limits_of_servers(char const *name, size_t len)
{
  struct send_limits all = rest();
  for (size_t i = 0, end; i < len; i = end + 1) {
    struct send_limits one = { .connections_named = false };
    for (end = i; end < len && name[end] != ',' && name[end] != '>';) end++;
    look_up(&one, name + i, without_port(name + i, end - i));
    limits_join(&all, &one);
  }
  return all;
}

void limits_join(struct send_limits *servers, struct send_limits const *domain)
{
  if (domain->connections_named) {
    servers->connections = servers->connections_named ? lesser(servers->connections, domain->connections) : domain->connections;
    servers->connections_named = true;
  }
  if (!domain->rate_named) return;
  if (!servers->rate_named || destination_rate_is_stricter(domain->rate, servers->rate)) servers->rate = domain->rate;
  servers->rate_named = true;
}
