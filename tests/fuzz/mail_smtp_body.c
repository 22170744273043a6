/* A message on its way out: a byte for the pieces it is read in, the message. What is sent has CR LF and no
   other CR or LF, exactly one line that is a lone dot, at its end, and a receiver finds in it what was meant.
   */

#include "fuzz.h"

#include "smtp_body.h"

static size_t encode(char *wire, struct part in, size_t piece)
{
  enum smtp_body_state at = BODY_LINE_START;
  size_t len = 0;
  for (size_t i = 0; i < in.len; i += piece) {
    size_t n = in.len - i < piece ? in.len - i : piece;
    char *out = malloc(SMTP_BODY_GROWTH * n);
    size_t got = smtp_body_encode(&at, out, in.s + i, n);
    assert(got <= SMTP_BODY_GROWTH * n);
    memcpy(wire + len, out, got);
    len += got;
    free(out);
  }
  return len + smtp_body_finish(at, wire + len);
}

/* Lines end with LF, CR LF or CR here; the last one need not end at all. A NUL is nothing. */
static size_t meant(char *to, struct part in)
{
  size_t len = 0;
  char before = 0;
  for (size_t i = 0; i < in.len; i++) {
    if (!in.s[i]) continue;
    bool behind_cr = before == '\r';
    before = in.s[i];
    if (in.s[i] == '\n' && behind_cr) continue;
    to[len++] = in.s[i] == '\r' ? '\n' : in.s[i];
  }
  if (len && to[len - 1] != '\n') to[len++] = '\n';
  return len;
}

static size_t received(char *to, char const *wire, size_t len)
{
  size_t n = 0;
  for (size_t i = 0; i < len - 3; i++) {
    bool line_start = i == 0 || wire[i - 1] == '\n';
    if (wire[i] == '\r' || (line_start && wire[i] == '.')) continue;
    to[n++] = wire[i];
  }
  return n;
}

static void check(char const *wire, size_t len)
{
  size_t ends = times(wire, len, "\r\n");
  assert(!holds(wire, len, 0));
  assert(times(wire, len, "\r") == ends && times(wire, len, "\n") == ends);
  assert(len >= 3 && !memcmp(wire + len - 3, ".\r\n", 3));
  size_t lone = times(wire, len, "\r\n.\r\n") + !memcmp(wire, ".\r\n", 3);
  assert(lone == 1 && (len == 3 || !memcmp(wire + len - 5, "\r\n", 2)));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  size_t piece = 1 + part_byte(&in), room = SMTP_BODY_GROWTH * in.len + SMTP_BODY_END_MAX;
  char *one = malloc(room), *many = malloc(room), *a = malloc(room), *b = malloc(room);
  size_t len = encode(one, in, in.len + 1), many_len = encode(many, in, piece);
  assert(same_bytes(one, len, many, many_len));
  check(one, len);
  assert(same_bytes(a, meant(a, in), b, received(b, one, len)));
  free(one), free(many), free(a), free(b);
  return 0;
}
