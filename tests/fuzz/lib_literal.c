/* Addresses of machines written as text. In brackets a number is a literal, and the same address. */

#include "fuzz.h"

#include "literal.h"

static void check_in_brackets(struct part number, ip46 const *ip)
{
  char text[256];
  ip46 again;
  int len = snprintf(text, sizeof text, "[%s%.*s]", ip->is6 ? "IPv6:" : "", (int)number.len, number.s);
  assert(literal_scan(&again, text, (size_t)len));
  assert(again.is6 == ip->is6 && !memcmp(again.ip, ip->ip, ip->is6 ? 16 : 4));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  ip46 ip;
  literal_scan(&ip, in.s, in.len);
  if (literal_number(&ip, in.s, in.len)) check_in_brackets(in, &ip);
  return 0;
}
