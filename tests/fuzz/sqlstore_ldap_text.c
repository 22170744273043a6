/* A filter with a name in it: no byte of the name means anything in filters or distinguished names, and each can be read back. */

#include "fuzz.h"

#include <skalibs/stralloc.h>

#include "ldap_text.h"

static size_t read_back(char *to, char const *s)
{
  size_t len = 0;
  for (; *s; s++, len++) {
    unsigned c = (unsigned char)*s;
    if (c == '\\') {
      assert(sscanf(s + 1, "%2x", &c) == 1);
      s += 2;
    } else assert(!strchr("*()=,+<>#;\"\\ &|!", (int)c) && c > ' ' && c < 127);
    to[len] = (char)c;
  }
  return len;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc text = STRALLOC_ZERO;
  char back[4096];
  struct part in = whole(data, size);
  struct field const name = { in.s ? in.s : "", in.len };
  if (size > sizeof back) return 0;
  assert(ldap_text_make(&text, "%u", name, name) && strlen(text.s) == text.len);
  assert(read_back(back, text.s) == size && (!size || memcmp(back, in.s, size) == 0));
  return 0;
}
