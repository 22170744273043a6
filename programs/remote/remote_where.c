#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <skalibs/bytestr.h>

#include "remote_where.h"

struct way {
  uint32_t preference;
  char const *text;
};

static bool within(char const *host, char const *domain)
{
  size_t host_len = strlen(host), len = strlen(domain);
  if (len && domain[len - 1] == '.') len--;
  if (!len || host_len < len || strncasecmp(host + host_len - len, domain, len) != 0) return false;
  return host_len == len || host[host_len - len - 1] == '.';
}

/* What was written as an address has no host. */
static char const *host_of(struct dns_addresses const *found, struct dns_address const *a)
{
  return a->host < genalloc_len(char *, &found->names) ? genalloc_s(char *, &found->names)[a->host] : "";
}

static int by_preference(void const *a, void const *b)
{
  struct way const *x = a, *y = b;
  if (x->preference != y->preference) return x->preference < y->preference ? -1 : 1;
  return strcasecmp(x->text, y->text);
}

static size_t join(char name[WIRE_DESTINATION_MAX], struct way const *ways, size_t count)
{
  size_t len = 0;
  for (size_t i = 0; i < count; i++) {
    bool worse = i && ways[i].preference != ways[i - 1].preference;
    size_t text_len = strlen(ways[i].text);
    if (i && !worse && !strcasecmp(ways[i].text, ways[i - 1].text)) continue;
    if (len + 1 + text_len > WIRE_DESTINATION_MAX) return 0;
    if (i) name[len++] = worse ? '>' : ',';
    memcpy(name + len, ways[i].text, text_len);
    len += text_len;
  }
  case_lowerb(name, len);
  return len;
}

size_t where_exchangers(char name[WIRE_DESTINATION_MAX], struct dns_addresses const *found, char const *domain)
{
  static char numbers[DNS_ADDRESSES_MAX][IP46_FMT + 1];
  struct way ways[DNS_ADDRESSES_MAX];
  struct dns_address const *a = genalloc_s(struct dns_address, &found->list);
  size_t count = genalloc_len(struct dns_address, &found->list);
  if (!count) return 0;
  for (size_t i = 0; i < count; i++) {
    char const *host = host_of(found, a + i);
    bool nameless = !*host || within(host, domain);
    if (nameless) numbers[i][ip46_fmt(numbers[i], &a[i].ip)] = 0;
    ways[i] = (struct way){ a[i].preference, nameless ? numbers[i] : host };
  }
  qsort(ways, count, sizeof *ways, by_preference);
  return join(name, ways, count);
}

size_t where_relay(char name[WIRE_DESTINATION_MAX], struct smtp_route const *relay)
{
  int len = snprintf(name, WIRE_DESTINATION_MAX, "%.*s:%u", (int)relay->host_len, relay->host, relay->port);
  if (len >= WIRE_DESTINATION_MAX) return 0;
  case_lowerb(name, (size_t)len);
  return (size_t)len;
}
