#include <string.h>
#include <strings.h>

#include <skalibs/ip46.h>

#include "fields.h"
#include "literal.h"
#include "xclient.h"

char const XCLIENT_NAMES[] = " NAME ADDR PORT PROTO HELO DESTADDR DESTPORT";

static bool is(struct field f, char const *word)
{
  return f.len == strlen(word) && !strncasecmp(f.s, word, f.len);
}

static int digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Of the bytes that a value may have all stand for themselves but '+' (RFC 3461 4). */
static bool decode(char to[XCLIENT_VALUE_MAX + 1], struct field f)
{
  size_t n = 0;
  for (size_t i = 0; i < f.len; i++) {
    int high = f.s[i] == '+' && f.len - i > 2 ? digit(f.s[i + 1]) : -1;
    int low = high >= 0 ? digit(f.s[i + 2]) : -1;
    char c = low >= 0 ? (char)(high << 4 | low) : f.s[i];
    if (low >= 0) i += 2;
    if (c <= ' ' || c > '~' || n == XCLIENT_VALUE_MAX) return false;
    to[n++] = c;
  }
  to[n] = 0;
  return n;
}

/* ---- what a value may be ---- */

static bool read_ip(char value[XCLIENT_VALUE_MAX + 1])
{
  ip46 ip;
  size_t tag = strncasecmp(value, "IPV6:", 5) != 0 ? 0 : 5;
  if (!literal_number(&ip, value + tag, strlen(value + tag)) || (tag && !ip.is6)) return false;
  value[ip46_fmt(value, &ip)] = 0;
  return true;
}

static bool read_port(char value[XCLIENT_VALUE_MAX + 1])
{
  unsigned n = 0;
  size_t i = 0;
  for (; value[i] >= '0' && value[i] <= '9' && i < 5; i++) n = 10 * n + (unsigned)(value[i] - '0');
  return i && !value[i] && n <= 65535;
}

static bool read_protocol(char value[XCLIENT_VALUE_MAX + 1])
{
  return !strcasecmp(value, "SMTP") || !strcasecmp(value, "ESMTP");
}

static bool read_name(char value[XCLIENT_VALUE_MAX + 1])
{
  for (size_t i = 0; value[i]; i++)
    if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", value[i])) return false;
  return true;
}

static bool read_hello(char value[XCLIENT_VALUE_MAX + 1])
{
  (void)value;
  return true;
}

static struct { char const *name; bool (*read)(char *); } const attributes[XCLIENT_ATTRIBUTES] = {
  [XCLIENT_NAME] = { "NAME", read_name },
  [XCLIENT_ADDR] = { "ADDR", read_ip },
  [XCLIENT_PORT] = { "PORT", read_port },
  [XCLIENT_PROTO] = { "PROTO", read_protocol },
  [XCLIENT_HELO] = { "HELO", read_hello },
  [XCLIENT_DESTADDR] = { "DESTADDR", read_ip },
  [XCLIENT_DESTPORT] = { "DESTPORT", read_port }
};

static bool read_value(char to[XCLIENT_VALUE_MAX + 1], size_t attribute, struct field value)
{
  if (is(value, "[UNAVAILABLE]") || (attribute == XCLIENT_NAME && is(value, "[TEMPUNAVAIL]"))) return true;
  return decode(to, value) && attributes[attribute].read(to);
}

static bool read_attribute(struct xclient *to, char const *s, size_t len)
{
  char const *equals = memchr(s, '=', len);
  size_t i = 0;
  if (!equals) return false;
  struct field const name = { s, (size_t)(equals - s) }, value = { equals + 1, len - name.len - 1 };
  while (i < XCLIENT_ATTRIBUTES && !is(name, attributes[i].name)) i++;
  if (i == XCLIENT_ATTRIBUTES || to->is_said[i]) return false;
  to->is_said[i] = true;
  return read_value(to->value[i], i, value);
}

bool xclient_read(struct xclient *to, char const *s, size_t len)
{
  *to = (struct xclient){ 0 };
  while (len) {
    char const *blank = memchr(s, ' ', len);
    size_t n = blank ? (size_t)(blank - s) : len;
    if (n && !read_attribute(to, s, n)) return false;
    n += blank != 0;
    s += n;
    len -= n;
  }
  return true;
}
