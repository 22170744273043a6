/* A message with long lines: a byte for the pieces it is read in, the message. Nothing is lost, nothing is added but LFs,
   each beside a blank, and what such an LF ends is no longer than a line may be. */

#include "fuzz.h"

#include "remote_fold.h"

static size_t fold(char *to, struct part in, size_t piece)
{
  static struct fold f;
  size_t len = 0;
  fold_begin(&f, in.s, in.len);
  for (size_t i = 0; i < in.len; i += piece) {
    size_t n = in.len - i < piece ? in.len - i : piece;
    char *out = malloc(fold_room(n));
    size_t got = fold_text(&f, out, in.s + i, n);
    assert(got <= fold_room(n));
    if (got) memcpy(to + len, out, got);
    len += got;
    free(out);
  }
  return len + fold_end(&f, to + len);
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static void check(char const *out, size_t len, struct part in)
{
  size_t at = 0, line = 0;
  for (size_t i = 0; i < len; i++) {
    bool added = at == in.len || out[i] != in.s[at];
    if (!added) at++;
    else assert(out[i] == '\n' && line && line <= FOLD_LINE_MAX && (is_blank(out[i - 1]) || (i + 1 < len && is_blank(out[i + 1]))));
    line = out[i] == '\n' || out[i] == '\r' ? 0 : line + 1;
  }
  assert(at == in.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  size_t piece = part_byte(&in) + 1;
  char *out = malloc(fold_room(in.len));
  check(out, fold(out, in, piece), in);
  free(out);
  return 0;
}
