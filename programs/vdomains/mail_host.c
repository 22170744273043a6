#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/ip46.h>

#include "host_name.h"
#include "literal.h"
#include "mail_host.h"

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* What ends in a number would be taken for an address by some, and is none. */
static bool ends_in_number(char const *s, size_t len)
{
  size_t n = 0;
  while (n < len && is_digit(s[len - 1 - n])) n++;
  return n == len || (n && s[len - 1 - n] == '.');
}

bool mail_host_read(char host[MAIL_HOST_SIZE], char const *s, size_t len)
{
  ip46 ip;
  bool const is_address = literal_number(&ip, s, len) || literal_scan(&ip, s, len);
  host[0] = 0;
  if (len > MAIL_HOST_MAX) return false;
  size_t const n = is_address ? ip46_fmt(host, &ip) : len;
  if (!is_address) memcpy(host, s, len);
  host[n] = 0;
  case_lowerb(host, n);
  if (is_address || (host_name_ok(host, n) && !ends_in_number(host, n))) return true;
  host[0] = 0;
  return false;
}
