#include <string.h>

#include "base64.h"
#include "text.h"
#include "trailer.h"

enum { LINE = 72, LINE_BYTES = LINE / 4 * 3 };

static void add_crlf(stralloc *to, struct field text)
{
  for (size_t i = 0; i < text.len; i++) {
    if (text.s[i] == '\n') text_addc(to, '\r');
    text_addc(to, text.s[i]);
  }
}

static void encode(stralloc *to, stralloc const *plain)
{
  for (size_t i = 0; i < plain->len; i += LINE_BYTES) {
    size_t n = plain->len - i < LINE_BYTES ? plain->len - i : LINE_BYTES;
    text_room(to, BASE64_LEN(n) + 1);
    to->len += base64_encode(to->s + to->len, plain->s + i, n);
    text_addc(to, '\n');
  }
}

/* A quantum with padding ends a base64 text: its bytes come before the text. */
bool trailer_base64(stralloc *to, struct field line, struct field text)
{
  stralloc plain = STRALLOC_ZERO;
  char quantum[4];
  size_t decoded = 0;
  bool is_padded = line.len && line.s[line.len - 1] == '=';
  if (line.len % 4) return false;
  if (is_padded) {
    line.len -= 4;
    memcpy(quantum, line.s + line.len, 4);
    if (!base64_decode(quantum, 4, &decoded)) return false;
  }
  text_addb(&plain, quantum, decoded);
  add_crlf(&plain, text);
  text_addb(to, line.s, line.len);
  if (line.len) text_addc(to, '\n');
  encode(to, &plain);
  stralloc_free(&plain);
  return true;
}
