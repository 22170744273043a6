#include <stdint.h>
#include <string.h>

#include "dns_list.h"
#include "number.h"

enum {
  PARTS = 4, LABEL_MAX = 63,
  ADDRESS_MAX = 64,                                     /* 32 nibbles and their dots */
  ZONE_MAX = DNS_NAME_MAX - 2 - ADDRESS_MAX             /* written out, a name has two bytes less than in a packet */
};

ip46 const DNS_LIST_NOBODY = { .ip = { 127, 0, 0, 1 } }, DNS_LIST_TEST = { .ip = { 127, 0, 0, 2 } };

/* ---- a line ---- */

static bool is_of_a_label(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_zone(struct field f)
{
  size_t label = 0;
  for (size_t i = 0; i < f.len; i++) {
    if (f.s[i] == '.' && !label) return false;
    if (f.s[i] != '.' && !is_of_a_label(f.s[i])) return false;
    label = f.s[i] == '.' ? 0 : label + 1;
    if (label > LABEL_MAX) return false;
  }
  return label && f.len <= ZONE_MAX && memchr(f.s, '.', f.len);
}

/* The part up to the sign, which is left out; *rest is what is behind it. */
static struct field cut(struct field *rest, char sign)
{
  char const *at = rest->len ? memchr(rest->s, sign, rest->len) : 0;
  struct field part = { rest->s, at ? (size_t)(at - rest->s) : rest->len };
  size_t taken = part.len + (at ? 1 : 0);
  rest->s += taken;
  rest->len -= taken;
  return part;
}

struct range { unsigned from, to; };

static bool is_byte(struct field f, unsigned *byte)
{
  uint64_t n = 0;
  if (!f.len || number_scan(f.s, f.len, &n) != f.len || n > 255) return false;
  *byte = (unsigned)n;
  return true;
}

/* N, N-M, or * for all. */
static bool is_range(struct field f, struct range *r)
{
  *r = (struct range){ 0, 255 };
  if (field_is(f, "*")) return true;
  bool has_end = f.len && memchr(f.s, '-', f.len);
  struct field first = cut(&f, '-');
  if (!is_byte(first, &r->from)) return false;
  r->to = r->from;
  return !has_end || (is_byte(f, &r->to) && r->from <= r->to);
}

/* 127.0.*.1-3, or the last part alone, of 127.0.0. */
static bool is_code(struct field f, struct range r[DNS_LIST_CODE])
{
  size_t count = 0;
  if (f.len && !memchr(f.s, '.', f.len)) {
    r[0] = (struct range){ 127, 127 };
    r[1] = r[2] = (struct range){ 0, 0 };
    return is_range(f, r + 3);
  }
  while (f.len && count < DNS_LIST_CODE)
    if (!is_range(cut(&f, '.'), r + count++)) return false;
  return count == DNS_LIST_CODE && !f.len && r[0].from == 127 && r[0].to == 127;
}

static bool are_codes(struct field f)
{
  struct range r[DNS_LIST_CODE];
  do if (!is_code(cut(&f, ','), r)) return false;
  while (f.len);
  return true;
}

static bool is_action(struct dns_list *to, struct field f)
{
  static struct { char const *word; enum dns_list_action action; } const words[] = {
    { "refuse", LIST_REFUSES }, { "defer", LIST_DEFERS }, { "connect", LIST_TURNS_AWAY }, { "white", LIST_SPARES }
  };
  uint64_t points = 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (field_is(f, words[i].word)) return to->action = words[i].action, true;
  bool below = f.len && *f.s == '-';
  if (f.len <= below || number_scan(f.s + below, f.len - below, &points) != f.len - below) return false;
  if (!points || points > DNS_LIST_POINTS_MAX) return false;
  to->action = LIST_COUNTS;
  to->points = below ? -(int)points : (int)points;
  return true;
}

char const *dns_list_read(struct dns_list *to, char const *line, size_t len)
{
  struct field parts[PARTS];
  size_t count = fields_split(parts, PARTS, line, len);
  *to = (struct dns_list){ .text = { "", 0 } };
  if (count < 3) return "not zone:codes:action, or zone:codes:action:text";
  if (!is_zone(parts[0])) return "what stands before the first colon is no zone, such as bl.example.org";
  if (!parts[1].len) return "no codes: an answer counts only if it is named, such as 2-4,9 or 127.0.1.2";
  if (!are_codes(parts[1])) return "the codes are not like 2, 4-7, or 127.0.*.1-3, with commas between";
  if (!is_action(to, parts[2])) return "the action is none of refuse, defer, connect, white, or points from 1 to 1000, also below 0";
  to->zone = parts[0];
  to->codes = parts[1];
  if (count == PARTS) to->text = parts[3];
  return 0;
}

/* ---- an answer ---- */

static bool is_within(struct range const r[DNS_LIST_CODE], unsigned char const code[DNS_LIST_CODE])
{
  for (size_t i = 0; i < DNS_LIST_CODE; i++)
    if (code[i] < r[i].from || code[i] > r[i].to) return false;
  return true;
}

bool dns_list_refuses_us(unsigned char const code[DNS_LIST_CODE])
{
  return code[0] == 127 && code[1] == 255 && code[2] == 255;
}

bool dns_list_counts(struct dns_list const *list, unsigned char const code[DNS_LIST_CODE])
{
  struct range r[DNS_LIST_CODE];
  if (dns_list_refuses_us(code)) return false;
  for (struct field rest = list->codes; rest.len; )
    if (is_code(cut(&rest, ','), r) && is_within(r, code)) return true;
  return false;
}

/* ---- a question ---- */

static char *put_number(char *to, unsigned n)
{
  if (n >= 100) *to++ = (char)('0' + n / 100);
  if (n >= 10) *to++ = (char)('0' + n / 10 % 10);
  *to++ = (char)('0' + n % 10);
  *to++ = '.';
  return to;
}

static char *put_nibbles(char *to, unsigned byte)
{
  static char const digits[] = "0123456789abcdef";
  *to++ = digits[byte & 15];
  *to++ = '.';
  *to++ = digits[byte >> 4];
  *to++ = '.';
  return to;
}

bool dns_list_name(char to[DNS_NAME_MAX + 1], struct dns_list const *list, ip46 const *ip)
{
  char *at = to;
  if (list->zone.len > ZONE_MAX) return false;
  for (size_t i = ip->is6 ? 16 : 4; i--; ) {
    unsigned byte = (unsigned char)ip->ip[i];
    at = ip->is6 ? put_nibbles(at, byte) : put_number(at, byte);
  }
  memcpy(at, list->zone.s, list->zone.len);
  at[list->zone.len] = 0;
  return true;
}

/* ---- who is asked about ---- */

static bool is_of(unsigned char const *ip, unsigned char byte, unsigned char second, unsigned char mask)
{
  return ip[0] == byte && (ip[1] & mask) == second;
}

static bool is_six_no_matter(unsigned char const *ip)
{
  static unsigned char const loopback[16] = { [15] = 1 };
  return !memcmp(ip, loopback, sizeof loopback) || (ip[0] & 0xfe) == 0xfc || is_of(ip, 0xfe, 0x80, 0xc0);
}

bool dns_list_is_no_matter(ip46 const *ip)
{
  unsigned char const *b = (unsigned char const *)ip->ip;
  if (ip->is6) return is_six_no_matter(b);
  return b[0] == 127 || b[0] == 10 || b[0] == 0 || is_of(b, 172, 16, 0xf0) || is_of(b, 192, 168, 0xff) || is_of(b, 169, 254, 0xff);
}
