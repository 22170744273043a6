/* The text after DATA: a byte for the policy, a byte for the pieces it arrives in, the text. How it is cut
   must not matter; it ends at the first CR LF . CR LF and nowhere else; what is stored has no CR, and of a body that
   may be used no NUL. */

#include "fuzz.h"

#include "body.h"

struct outcome {
  char *stored;
  size_t len, taken;
  bool done, spoiled, has_nul;
};

static struct outcome run(struct part in, enum body_policy policy, size_t piece)
{
  struct body b;
  struct outcome o = { .stored = malloc(2 * in.len + 1) };
  body_init(&b, policy);
  while (o.taken < in.len && !body_done(&b)) {
    size_t n = in.len - o.taken < piece ? in.len - o.taken : piece, kept;
    char *out = malloc(n + 1);
    size_t taken = body_take(&b, in.s + o.taken, n, out, &kept);
    assert(taken <= n && kept <= taken + 1 && (taken == n || body_done(&b)));
    memcpy(o.stored + o.len, out, kept);
    o.len += kept;
    o.taken += taken;
    free(out);
  }
  o.done = body_done(&b);
  o.spoiled = body_is_spoiled(&b);
  o.has_nul = body_has_nul(&b);
  return o;
}

static size_t place_behind_dot(struct part in)
{
  if (in.len >= 3 && !memcmp(in.s, ".\r\n", 3)) return 3;
  for (size_t i = 0; i + 5 <= in.len; i++)
    if (!memcmp(in.s + i, "\r\n.\r\n", 5)) return i + 5;
  return 0;
}

static bool has_bare_line_end(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (s[i] == '\n' && (!i || s[i - 1] != '\r')) return true;
    if (s[i] == '\r' && i + 1 < len && s[i + 1] != '\n') return true;
  }
  return false;
}

/* What RFC 5321 4.5.2 makes of a text without bare CR or LF, up to its last dot. */
static void check_stored(struct part in, struct outcome const *o)
{
  size_t at = 0;
  for (size_t i = 0; i < o->taken - 3; i++) {
    bool line_start = i == 0 || in.s[i - 1] == '\n';
    if (in.s[i] == '\r' || (line_start && in.s[i] == '.')) continue;
    assert(at < o->len && o->stored[at] == in.s[i]);
    at++;
  }
  assert(at == o->len);
}

static void check_strict(struct part in, struct outcome const *o)
{
  size_t end = place_behind_dot(in);
  assert(o->done == (end > 0));
  if (end) assert(o->taken == end);
  assert(o->spoiled == has_bare_line_end(in.s, o->taken));
  assert(o->has_nul == holds(in.s, o->taken, 0));
  if (o->done && !o->spoiled) check_stored(in, o);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  enum body_policy policy = part_byte(&in) % (BODY_LF + 1);
  size_t piece = 2 + part_byte(&in);
  struct outcome one = run(in, policy, in.len + 1), many = run(in, policy, piece), single = run(in, policy, 1);
  assert(one.done == many.done && one.spoiled == many.spoiled && one.taken == many.taken);
  assert(one.done == single.done && one.spoiled == single.spoiled && one.taken == single.taken);
  assert(same_bytes(one.stored, one.len, many.stored, many.len));
  assert(same_bytes(one.stored, one.len, single.stored, single.len));
  if (!one.spoiled) assert(!holds(one.stored, one.len, '\r'));
  if (policy != BODY_STRICT) assert(!one.has_nul && !holds(one.stored, one.len, 0));
  if (policy == BODY_STRICT) check_strict(in, &one);
  free(one.stored), free(many.stored), free(single.stored);
  return 0;
}
