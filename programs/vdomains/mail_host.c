#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/ip46.h>

#include "literal.h"
#include "mail_host.h"

enum { LABEL_MAX = 63 };

static bool is_letter(char c)
{
  return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool is_label(char const *s, size_t len)
{
  if (!len || len > LABEL_MAX || s[0] == '-' || s[len - 1] == '-') return false;
  for (size_t i = 0; i < len; i++)
    if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '-') return false;
  return true;
}

/* What ends in a number would be taken for an address by some, and is none. */
static bool ends_in_number(char const *s, size_t len)
{
  size_t n = 0;
  while (n < len && is_digit(s[len - 1 - n])) n++;
  return n == len || (n && s[len - 1 - n] == '.');
}

static bool is_name(char const *s, size_t len)
{
  for (size_t at = 0, n; at <= len; at += n + 1) {
    n = byte_chr(s + at, len - at, '.');
    if (!is_label(s + at, n)) return false;
  }
  return !ends_in_number(s, len);
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
  if (is_address || is_name(host, n)) return true;
  host[0] = 0;
  return false;
}
