#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proxy.h"

/* ---- addresses ---- */

static void show_port(char to[PROXY_PORT_MAX], unsigned port)
{
  char digits[PROXY_PORT_MAX];
  size_t n = sizeof digits;
  digits[--n] = 0;
  do digits[--n] = (char)('0' + port % 10); while (port /= 10);
  memcpy(to, digits + n, sizeof digits - n);
}

static void show_ip(char to[PROXY_IP_MAX], unsigned char const *ip, bool is_six)
{
  static unsigned char const mapped[12] = { [10] = 0xff, [11] = 0xff };
  bool is_mapped = is_six && !memcmp(ip, mapped, sizeof mapped);
  inet_ntop(is_six && !is_mapped ? AF_INET6 : AF_INET, is_mapped ? ip + sizeof mapped : ip, to, PROXY_IP_MAX);
}

/* ---- version 1: a line ---- */

enum { LINE_MAX = 107 };      /* with its CR LF */

struct words { char const *s, *end; };

/* What stands before the next blank, which must be one, or before the end. */
static bool next_word(struct words *w, char to[PROXY_IP_MAX])
{
  char const *blank = memchr(w->s, ' ', (size_t)(w->end - w->s));
  char const *end = blank ? blank : w->end;
  size_t len = (size_t)(end - w->s);
  if (!len || len >= PROXY_IP_MAX) return false;
  memcpy(to, w->s, len);
  to[len] = 0;
  w->s = blank ? blank + 1 : w->end;
  return !memchr(to, 0, len);
}

static bool next_ip(struct words *w, char to[PROXY_IP_MAX], bool is_six)
{
  char text[PROXY_IP_MAX];
  unsigned char ip[16];
  if (!next_word(w, text) || inet_pton(is_six ? AF_INET6 : AF_INET, text, ip) != 1) return false;
  show_ip(to, ip, is_six);
  return true;
}

static bool next_port(struct words *w, char to[PROXY_PORT_MAX])
{
  char text[PROXY_IP_MAX];
  unsigned port = 0;
  size_t i = 0;
  if (!next_word(w, text)) return false;
  for (; text[i] >= '0' && text[i] <= '9' && i < 5; i++) port = 10 * port + (unsigned)(text[i] - '0');
  if (!i || text[i] || port > 65535 || (text[0] == '0' && i > 1)) return false;
  show_port(to, port);
  return true;
}

static enum proxy_said read_addresses(struct proxy *to, struct words w, bool is_six)
{
  bool known = next_ip(&w, to->ip, is_six) && next_ip(&w, to->local_ip, is_six) && next_port(&w, to->port)
            && w.s < w.end && next_port(&w, to->local_port) && w.s == w.end && w.end[-1] != ' ';
  return known ? PROXY_CLIENT : PROXY_BROKEN;
}

static bool begins(struct words *w, char const *word)
{
  size_t n = strlen(word);
  if ((size_t)(w->end - w->s) < n || memcmp(w->s, word, n) != 0) return false;
  w->s += n;
  return true;
}

static enum proxy_said read_line(struct proxy *to, char const *s, size_t len)
{
  char const *newline = memchr(s, '\n', len < LINE_MAX ? len : LINE_MAX);
  if (!newline) return len < LINE_MAX ? PROXY_MORE : PROXY_BROKEN;
  if (newline == s || newline[-1] != '\r') return PROXY_BROKEN;
  struct words w = { s, newline - 1 };
  to->len = (size_t)(newline - s) + 1;
  if (begins(&w, "PROXY TCP4 ")) return read_addresses(to, w, false);
  if (begins(&w, "PROXY TCP6 ")) return read_addresses(to, w, true);
  return begins(&w, "PROXY UNKNOWN") && (w.s == w.end || *w.s == ' ') ? PROXY_OWN : PROXY_BROKEN;
}

/* ---- version 2: bytes ---- */

enum { FIXED = 16, LOCAL = 0x20, PROXIED = 0x21, TCP4 = 0x11, TCP6 = 0x21, CRC32C = 3 };

static char const signature[12] = "\r\n\r\n\0\r\nQUIT\n";

static unsigned number(unsigned char const *s)
{
  return (unsigned)s[0] << 8 | s[1];
}

/* Castagnoli's polynomial, of the header with zero where the sum stands. */
static uint32_t sum_of(unsigned char const *s, size_t len, size_t sum_at)
{
  uint32_t crc = ~(uint32_t)0;
  for (size_t i = 0; i < len; i++) {
    crc ^= i >= sum_at && i < sum_at + 4 ? 0 : s[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

static bool sum_is_right(unsigned char const *s, size_t len, size_t at)
{
  return (uint32_t)(number(s + at) << 16 | number(s + at + 2)) == sum_of(s, len, at);
}

/* What else it says is none of our business, but must be well-formed. */
static bool additions_are_good(unsigned char const *s, size_t len, size_t at)
{
  while (at < len) {
    if (len - at < 3) return false;
    unsigned type = s[at];
    size_t value = number(s + at + 1);
    at += 3;
    if (value > len - at || (type == CRC32C && (value != 4 || !sum_is_right(s, len, at)))) return false;
    at += value;
  }
  return true;
}

static enum proxy_said read_pair(struct proxy *to, unsigned char const *s, bool is_six)
{
  size_t const size = is_six ? 16 : 4;
  unsigned char const *ports = s + FIXED + 2 * size;
  if (to->len < FIXED + 2 * size + 4 || !additions_are_good(s, to->len, FIXED + 2 * size + 4)) return PROXY_BROKEN;
  show_ip(to->ip, s + FIXED, is_six);
  show_ip(to->local_ip, s + FIXED + size, is_six);
  show_port(to->port, number(ports));
  show_port(to->local_port, number(ports + 2));
  return PROXY_CLIENT;
}

/* Of connections that are not TCP nothing is known that could be used. */
static enum proxy_said read_bytes(struct proxy *to, unsigned char const *s, size_t len)
{
  if (len < FIXED) return PROXY_MORE;
  to->len = FIXED + number(s + 14);
  if ((s[12] != LOCAL && s[12] != PROXIED) || to->len > PROXY_MAX) return PROXY_BROKEN;
  if (len < to->len) return PROXY_MORE;
  if (s[12] == LOCAL || s[13] == 0) return PROXY_OWN;
  if (s[13] != TCP4 && s[13] != TCP6) return PROXY_BROKEN;
  return read_pair(to, s, s[13] == TCP6);
}

enum proxy_said proxy_read(struct proxy *to, char const *s, size_t len)
{
  size_t n = len < sizeof signature ? len : sizeof signature;
  *to = (struct proxy){ 0 };
  if (!memcmp(s, signature, n)) return n < sizeof signature ? PROXY_MORE : read_bytes(to, (unsigned char const *)s, len);
  size_t const word = strlen("PROXY ");
  if (memcmp(s, "PROXY ", len < word ? len : word) != 0) return PROXY_BROKEN;
  return read_line(to, s, len);
}
