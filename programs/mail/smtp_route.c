#include <string.h>

#include "smtp_route.h"

static unsigned port_of(char const *s, size_t len)
{
  unsigned port = 0;
  for (size_t i = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
    port = port * 10 + (unsigned)(s[i] - '0');
    if (port > 65535) return 0;
  }
  return port;
}

/* What stands behind the port. */
static bool says_tls(char const *s, size_t len)
{
  char const *colon = memchr(s, ':', len);
  return colon && len - (size_t)(colon - s) == strlen(":tls") && !memcmp(colon, ":tls", strlen(":tls"));
}

void smtp_route_parse(struct smtp_route *relay, char const *s, size_t len)
{
  char const *bracket = len && s[0] == '[' ? memchr(s, ']', len) : 0;
  size_t from = bracket ? (size_t)(bracket - s) + 1 : 0;
  char const *colon = memchr(s + from, ':', len - from);
  relay->host = s;
  relay->host_len = colon ? (size_t)(colon - s) : len;
  relay->port = colon ? port_of(colon + 1, len - relay->host_len - 1) : SMTP_PORT;
  relay->tls = relay->port == SUBMISSIONS_PORT || (colon && says_tls(colon + 1, len - relay->host_len - 1));
}

bool smtp_route_for(struct smtp_route *relay, struct nameset const *routes, char const *host)
{
  struct field value = { 0, 0 };
  if (!nameset_find_domain(routes, host, strlen(host), &value)) nameset_find(routes, "", 0, &value);
  if (!value.len) return false;
  smtp_route_parse(relay, value.s, value.len);
  return true;
}
