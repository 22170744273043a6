#include <string.h>
#include <strings.h>

#include "host_name.h"

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool label_ok(char const *s, size_t len)
{
  if (!len || len > HOST_LABEL_MAX || s[0] == '-' || s[len - 1] == '-') return false;
  for (size_t i = 0; i < len; i++)
    if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '-') return false;
  return true;
}

static size_t label_end(char const *s, size_t len, size_t from)
{
  char const *dot = memchr(s + from, '.', len - from);
  return dot ? (size_t)(dot - s) : len;
}

bool host_name_ok(char const *s, size_t len)
{
  if (!len || len > HOST_NAME_MAX_LEN) return false;
  for (size_t i = 0, end; i <= len; i = end + 1) {
    end = label_end(s, len, i);
    if (!label_ok(s + i, end - i)) return false;
  }
  return true;
}

static size_t last_label(char const *s, size_t len)
{
  while (len && s[len - 1] != '.') len--;
  return len;
}

static bool all_digits(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!is_digit(s[i])) return false;
  return true;
}

bool host_name_is_full(char const *s, size_t len)
{
  if (!host_name_ok(s, len)) return false;
  size_t last = last_label(s, len);
  if (!last || all_digits(s + last, len - last)) return false;
  if (label_end(s, len, 0) == 9 && strncasecmp(s, "localhost", 9) == 0) return false;
  return len - last != 9 || strncasecmp(s + last, "localhost", 9) != 0;
}

static size_t dots(char const *s, size_t len)
{
  size_t n = 0;
  for (size_t i = 0; i < len; i++) n += s[i] == '.';
  return n;
}

size_t host_name_default_domain(char const *s, size_t len)
{
  return dots(s, len) < 2 ? 0 : label_end(s, len, 0) + 1;
}

size_t host_name_plus_domain(char const *s, size_t len)
{
  return dots(s, len) < 2 ? 0 : last_label(s, last_label(s, len) - 1);
}
