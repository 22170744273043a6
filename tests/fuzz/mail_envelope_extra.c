/* Values of what belongs to a message or a recipient, after a byte for the letter; the same bytes as words and as xtext. No
   value that fits could end a line, a header field or a word, and what was added as a word is found. */

#include "bytes.h"
#include "envelope_extra.h"
#include "fuzz.h"
#include "notify.h"
#include "xtext.h"

static void value(char letter, struct part in)
{
  static stralloc words = STRALLOC_ZERO;
  struct field found;
  if (!extra_fits(letter, in.s, in.len)) return;
  assert(in.len <= EXTRA_VALUE_MAX);
  for (size_t i = 0; i < in.len; i++) assert((unsigned char)in.s[i] > ' ' && in.s[i] != 127);
  words.len = 0;
  assert(extra_add(&words, 'r', "FULL", 4) && extra_add(&words, letter, in.s, in.len));
  if (letter != 'r') assert(extra_find(&found, words.s, words.len, letter) && same_bytes(found.s, found.len, in.s, in.len));
}

static void xtext(struct part in)
{
  static stralloc plain = STRALLOC_ZERO, again = STRALLOC_ZERO;
  plain.len = again.len = 0;
  assert(xtext_decode(&plain, in.s, in.len) && plain.len <= in.len);
  if (!xtext_is_printable(in.s, in.len)) return;
  for (size_t i = 0; i < plain.len; i++) assert(plain.s[i] >= ' ' && plain.s[i] < 127);
  assert(xtext_encode(&again, plain.s, plain.len) && xtext_is_printable(again.s, again.len));
  plain.len = 0;
  assert(xtext_decode(&plain, again.s, again.len));
}

static void wishes(struct part in)
{
  char text[NOTIFY_TEXT];
  unsigned got = notify_scan(in.s, in.len);
  if (got) assert(notify_scan(text, notify_format(text, got)) == got);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct field found;
  char letter = (char)part_byte(&in);
  value(letter, in);
  xtext(in);
  wishes(in);
  extra_find(&found, in.s, in.len, letter);
  return 0;
}
