#include <string.h>
#include <strings.h>

#include <skalibs/fmtscan.h>

#include "literal.h"

enum { LITERAL_MAX = 64 };

static bool scan4(ip46 *ip, char const *s)
{
  char four[4];
  size_t n = ip4_scan(s, four);
  if (!n || s[n]) return false;
  ip46_from_ip4(ip, four);
  return true;
}

static bool scan6(ip46 *ip, char const *s)
{
  char sixteen[16];
  size_t n = ip6_scan(s, sixteen);
  if (!n || s[n]) return false;
  ip46_from_ip6(ip, sixteen);
  return true;
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
