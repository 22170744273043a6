#include <stdbool.h>

#include <idn2.h>
#include <skalibs/bytestr.h>

#include "bytes.h"
#include "vname.h"
#include "vname_idn.h"

enum { UTF8_MAX = 4 * VNAME_DOMAIN_MAX };

static bool is_ascii(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] >= 128) return false;
  return true;
}

static enum vcode take_a_labels(stralloc *to)
{
  char *ascii = 0;
  int r = bytes_z(to) ? idn2_to_ascii_8z(to->s, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) : IDN2_MALLOC;
  enum vcode code = VCODE_OK;
  if (r == IDN2_MALLOC || (r == IDN2_OK && !bytes_set(to, ascii))) code = VCODE_NO_MEMORY;
  else if (r == IDN2_TOO_BIG_DOMAIN) code = VCODE_DOMAIN_TOO_LONG;
  else if (r != IDN2_OK) code = VCODE_INVALID_DOMAIN;
  if (ascii) idn2_free(ascii);
  return code;
}

/* libidn2 sees only what is not ASCII: of other names it would refuse some that are in use. */
enum vcode vname_idn_domain(stralloc *to, char const *s, size_t len)
{
  if (len > UTF8_MAX) return VCODE_DOMAIN_TOO_LONG;
  if (byte_chr(s, len, 0) < len) return VCODE_INVALID_DOMAIN;
  if (!bytes_setb(to, s, len)) return VCODE_NO_MEMORY;
  enum vcode code = is_ascii(s, len) ? VCODE_OK : take_a_labels(to);
  if (code) return code;
  case_lowerb(to->s, to->len);
  return vname_domain(to->s, to->len);
}
