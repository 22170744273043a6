#include <skalibs/bytestr.h>

#include "bytes.h"
#include "idn.h"
#include "utf8.h"
#include "vname.h"
#include "vname_idn.h"

enum { UTF8_MAX = 4 * VNAME_DOMAIN_MAX };

static enum vcode const codes[] = {
  [IDN_OK] = VCODE_OK, [IDN_BAD] = VCODE_INVALID_DOMAIN, [IDN_TOO_LONG] = VCODE_DOMAIN_TOO_LONG,
  [IDN_NO_MEMORY] = VCODE_NO_MEMORY
};

/* libidn2 sees only what is not ASCII: of other names it would refuse some that are in use. */
enum vcode vname_idn_domain(stralloc *to, char const *s, size_t len)
{
  if (len > UTF8_MAX) return VCODE_DOMAIN_TOO_LONG;
  if (byte_chr(s, len, 0) < len) return VCODE_INVALID_DOMAIN;
  if (!bytes_setb(to, s, len)) return VCODE_NO_MEMORY;
  enum vcode code = codes[utf8_is_ascii(s, len) ? IDN_OK : idn_to_ascii(to, s, len)];
  if (code) return code;
  case_lowerb(to->s, to->len);
  return vname_domain(to->s, to->len);
}
