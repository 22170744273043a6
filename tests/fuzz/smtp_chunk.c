/* BDAT: a byte for the policy, a byte for the chunks it is cut into, an argument up to LF, the text. How it is cut must
   not matter: it is one body, whose bare line ends are seen over the borders, and nothing in it ends it. */

#include "fuzz.h"

#include "body.h"
#include "chunk.h"

struct outcome {
  char *stored;
  size_t len;
  bool spoiled, has_nul;
};

static void check_argument(struct part arg)
{
  struct chunk c;
  if (!chunk_read(&c, arg.s, arg.len)) return;
  char again[64];
  size_t digits = 0;
  while (digits < arg.len && arg.s[digits] == '0') digits++;
  int n = snprintf(again, sizeof again, "%llu", (unsigned long long)c.len);
  if (c.len) assert(arg.len >= digits + (size_t)n && !memcmp(arg.s + digits, again, (size_t)n));
  assert(arg.len && arg.s[0] >= '0' && arg.s[0] <= '9');
}

static struct outcome run(struct part in, enum body_policy policy, size_t piece)
{
  struct body b;
  struct outcome o = { .stored = malloc(2 * in.len + 2) };
  body_init(&b, policy);
  for (size_t at = 0, n, kept; at < in.len; at += n) {
    n = in.len - at < piece ? in.len - at : piece;
    char *out = malloc(n + 1);
    assert(body_take(&b, in.s + at, n, out, &kept) == n && kept <= n + 1 && !body_done(&b));
    memcpy(o.stored + o.len, out, kept);
    o.len += kept;
    free(out);
  }
  o.len += body_end(&b, o.stored + o.len);
  assert(body_done(&b));
  o.spoiled = body_is_spoiled(&b);
  o.has_nul = body_has_nul(&b);
  return o;
}

static bool has_bare_line_end(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (s[i] == '\n' && (!i || s[i - 1] != '\r')) return true;
    if (s[i] == '\r' && (i + 1 == len || s[i + 1] != '\n')) return true;
  }
  return false;
}

/* All but the CRs, and a line end at the end. */
static void check_stored(struct part in, struct outcome const *o)
{
  size_t at = 0;
  for (size_t i = 0; i < in.len; i++)
    if (in.s[i] != '\r') assert(at < o->len && o->stored[at++] == in.s[i]);
  if (in.len && in.s[in.len - 1] != '\n') assert(at < o->len && o->stored[at++] == '\n');
  assert(at == o->len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  enum body_policy policy = part_byte(&in) % 2 ? BODY_CHUNKS_NORMALISED : BODY_CHUNKS;
  size_t piece = 2 + part_byte(&in);
  check_argument(part_before(&in, '\n'));
  struct outcome one = run(in, policy, in.len + 1), many = run(in, policy, piece), single = run(in, policy, 1);
  assert(one.spoiled == many.spoiled && one.spoiled == single.spoiled);
  assert(same_bytes(one.stored, one.len, many.stored, many.len));
  assert(same_bytes(one.stored, one.len, single.stored, single.len));
  if (!one.spoiled) assert(!holds(one.stored, one.len, '\r'));
  if (!one.spoiled && one.len) assert(one.stored[one.len - 1] == '\n');
  if (policy == BODY_CHUNKS) {
    assert(one.spoiled == has_bare_line_end(in.s, in.len));
    assert(one.has_nul == holds(in.s, in.len, 0));
    if (!one.spoiled) check_stored(in, &one);
  } else {
    assert(!one.spoiled && !one.has_nul && !holds(one.stored, one.len, 0));
  }
  free(one.stored), free(many.stored), free(single.stored);
  return 0;
}
