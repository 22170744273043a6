#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "literal.h"

enum { LITERAL_MAX = 64 };

/* inet_pton, since ip4_scan takes 383 for 127. */
static bool scan4(ip46 *ip, char const *s)
{
  char four[4];
  return inet_pton(AF_INET, s, four) == 1 && ip46_from_ip4(ip, four);
}

static bool scan6(ip46 *ip, char const *s)
{
  char sixteen[16];
  return inet_pton(AF_INET6, s, sixteen) == 1 && ip46_from_ip6(ip, sixteen);
}

bool literal_scan(ip46 *ip, char const *domain, size_t len)
{
  char text[LITERAL_MAX];
  if (len < 2 || len - 2 >= sizeof text || domain[0] != '[' || domain[len - 1] != ']') return false;
  memcpy(text, domain + 1, len - 2);
  text[len - 2] = 0;
  if (memchr(text, 0, len - 2)) return false;
  return strncasecmp(text, "IPv6:", 5) ? scan4(ip, text) : scan6(ip, text + 5);
}
