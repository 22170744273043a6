#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <idn2.h>
#include <uninorm.h>

#include "bytes.h"
#include "idn.h"
#include "utf8.h"

enum { WRITTEN_MAX = 4 * IDN_NAME_MAX };

/* The library lets pass what a host is not called, and what its own mapping has made: '@', a bracket, a blank. */
static bool label_is_sound(char const *s, size_t len)
{
  static char const letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  if (!len || len > IDN_LABEL_MAX || s[0] == '-' || s[len - 1] == '-') return false;
  for (size_t i = 0; i < len; i++)
    if (!memchr(letters, s[i], sizeof letters - 1)) return false;
  return true;
}

static bool name_is_sound(char const *s)
{
  if (strlen(s) > IDN_NAME_MAX) return false;
  for (;;) {
    size_t len = strcspn(s, ".");
    if (!label_is_sound(s, len)) return false;
    if (!s[len]) return true;
    s += len + 1;
  }
}

enum idn_result idn_to_ascii(stralloc *to, char const *s, size_t len)
{
  char *ascii = 0;
  enum idn_result result = IDN_BAD;
  if (len > WRITTEN_MAX) return IDN_TOO_LONG;
  if (!len || !utf8_is(s, len) || memchr(s, 0, len)) return IDN_BAD;
  if (!bytes_setb(to, s, len) || !bytes_z(to)) return IDN_NO_MEMORY;
  int r = idn2_to_ascii_8z(to->s, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (r == IDN2_MALLOC) return IDN_NO_MEMORY;
  if (r == IDN2_TOO_BIG_DOMAIN) return IDN_TOO_LONG;
  if (r == IDN2_OK && name_is_sound(ascii)) result = bytes_set(to, ascii) ? IDN_OK : IDN_NO_MEMORY;
  if (ascii) idn2_free(ascii);
  return result;
}

enum idn_result idn_compose(stralloc *to, char const *s, size_t len)
{
  size_t composed_len;
  if (!utf8_is(s, len)) return IDN_BAD;
  uint8_t *composed = u8_normalize(UNINORM_NFC, (uint8_t const *)s, len, 0, &composed_len);
  if (!composed) return errno == ENOMEM ? IDN_NO_MEMORY : IDN_BAD;
  int done = bytes_addb(to, (char const *)composed, composed_len);
  free(composed);
  return done ? IDN_OK : IDN_NO_MEMORY;
}
