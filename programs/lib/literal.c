#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "literal.h"

bool literal_number(ip46 *ip, char const *s, size_t len)
{
  char text[INET6_ADDRSTRLEN], bytes[16];
  if (len >= sizeof text || memchr(s, 0, len)) return false;
  memcpy(text, s, len);
  text[len] = 0;
  if (inet_pton(AF_INET, text, bytes) == 1) return ip46_from_ip4(ip, bytes);
  return inet_pton(AF_INET6, text, bytes) == 1 && ip46_from_ip6(ip, bytes);
}

bool literal_scan(ip46 *ip, char const *s, size_t len)
{
  static char const tag[] = "IPv6:";
  size_t tag_len = sizeof tag - 1;
  if (len < 2 || s[0] != '[' || s[len - 1] != ']') return false;
  s++;
  len -= 2;
  if (len <= tag_len || strncasecmp(s, tag, tag_len) != 0) return literal_number(ip, s, len);
  return literal_number(ip, s + tag_len, len - tag_len) && ip->is6;
}
