/* An address that decides, a moderator's comment, quoted-printable, base64 with a text behind it, a field To. */

#include "fuzz.h"

#include "addressed.h"
#include "moderation.h"
#include "quoted_printable.h"
#include "text.h"
#include "trailer.h"

static void check_address(struct part local, size_t rest)
{
  struct moderation_action a;
  if (rest > local.len || !moderation_read(&a, (struct field){ local.s, local.len }, (struct field){ local.s + local.len - rest, rest })) return;
  assert(strlen(a.name) < MOD_NAME_MAX && strspn(a.name, "0123456789.") == strlen(a.name) && a.name[0] != '.');
  assert(a.cookie.len == COOKIE_LENGTH && a.cookie.s + a.cookie.len == local.s + local.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  size_t rest = part_byte(&in);
  struct field all = { in.s, in.len };
  stralloc comment = STRALLOC_ZERO, copy = STRALLOC_ZERO, end = STRALLOC_ZERO;
  check_address(in, rest);
  moderation_comment(&comment, all);
  assert(comment.len <= all.len + 1);
  addressed_to(all, field_of("sos"), field_of("example.org"));
  text_addb(&copy, in.s, in.len);
  assert(quoted_printable_decode(copy.s, copy.len) <= in.len);
  if (trailer_base64(&end, all, field_of("x"))) assert(end.len > in.len && end.s[end.len - 1] == '\n');
  stralloc_free(&comment), stralloc_free(&copy), stralloc_free(&end);
  return 0;
}
