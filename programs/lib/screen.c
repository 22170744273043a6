#include <stdbool.h>

#include "screen.h"
#include "text.h"
#include "utf8.h"

static bool acts(unsigned char const *s)
{
  return *s < ' ' || *s == 127 || (*s == 0xc2 && s[1] < 0xa0);
}

void screen_add(stralloc *to, struct field f, size_t max, char instead)
{
  for (size_t i = 0, len; i < f.len && i < max; i += len) {
    len = utf8_character(f.s + i, f.len - i);
    if (len && !acts((unsigned char const *)f.s + i)) text_addb(to, f.s + i, len);
    else text_addc(to, instead);
    len += !len;
  }
}
