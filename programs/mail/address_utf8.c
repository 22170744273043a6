#include <stdbool.h>

#include "address.h"
#include "address_utf8.h"
#include "bytes.h"
#include "idn.h"
#include "utf8.h"

/* Of two bytes: U+0080 to U+009F, which terminals obey. */
static bool is_control(unsigned char const *s, size_t len)
{
  return len == 2 && s[0] == 0xC2 && s[1] < 0xA0;
}

/* U+FDD0 to U+FDEF, and the last two of each plane. */
static bool is_no_character(unsigned char const *s, size_t len)
{
  if (len == 3 && s[0] == 0xEF && s[1] == 0xB7) return s[2] >= 0x90 && s[2] <= 0xAF;
  if (len < 3 || s[len - 1] < 0xBE || s[len - 2] != 0xBF) return false;
  return len == 3 ? s[0] == 0xEF : (s[1] & 0x0F) == 0x0F;
}

static bool has_only_characters(char const *s, size_t len)
{
  for (size_t i = 0, n; i < len; i += n) {
    unsigned char const *c = (unsigned char const *)s + i;
    n = utf8_character(s + i, len - i);
    if (!n || is_control(c, n) || is_no_character(c, n)) return false;
  }
  return true;
}

static enum address_utf8 take_domain(stralloc *address, size_t begin)
{
  stralloc domain = STRALLOC_ZERO;
  enum address_utf8 result = ADDRESS_UTF8;
  switch (idn_to_ascii(&domain, address->s + begin, address->len - begin)) {
    case IDN_BAD: case IDN_TOO_LONG: result = ADDRESS_NO_DOMAIN; break;
    case IDN_NO_MEMORY: result = ADDRESS_NO_MEMORY; break;
    case IDN_OK:
      if (!bytes_ready(address, begin + domain.len)) result = ADDRESS_NO_MEMORY;
      else address->len = begin;
      if (result == ADDRESS_UTF8 && !bytes_addx(address, &domain)) result = ADDRESS_NO_MEMORY;
  }
  stralloc_free(&domain);
  return result;
}

enum address_utf8 address_utf8_take(stralloc *address)
{
  if (utf8_is_ascii(address->s, address->len)) return ADDRESS_ASCII;
  if (!has_only_characters(address->s, address->len)) return ADDRESS_NOT_UTF8;
  size_t begin = address_at(address->s, address->len) + 1;
  if (begin > address->len || utf8_is_ascii(address->s + begin, address->len - begin)) return ADDRESS_UTF8;
  return take_domain(address, begin);
}

int address_utf8_compose(stralloc *address)
{
  stralloc composed = STRALLOC_ZERO;
  size_t at = address_at(address->s, address->len);
  if (utf8_is_ascii(address->s, at)) return 1;
  enum idn_result r = idn_compose(&composed, address->s, at);
  int done = r == IDN_OK ? bytes_addb(&composed, address->s + at, address->len - at) && bytes_setx(address, &composed)
                         : r != IDN_NO_MEMORY;
  stralloc_free(&composed);
  return done;
}
