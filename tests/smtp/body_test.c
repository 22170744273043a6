/* The body of a message: what is kept, where it ends, what spoils it; fed in pieces cut at every byte. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "body.h"

enum end { OPEN, ENDS, SPOILED, SPOILED_OPEN };

struct wire {
  char const *in;
  char const *kept;        /* of a body that is not spoiled */
  char const *rest;        /* what stays on the wire */
  enum end end;
};

static struct wire const strict[] = {
  { ".\r\n", "", "", ENDS },
  { ".\r\nQUIT\r\n", "", "QUIT\r\n", ENDS },
  { "\r\n.\r\n", "\n", "", ENDS },
  { "a\r\n.\r\nb", "a\n", "b", ENDS },
  { "a\r\n..\r\n.\r\n", "a\n.\n", "", ENDS },
  { "...\r\n.\r\n", "..\n", "", ENDS },
  { ".x\r\n.\r\n", "x\n", "", ENDS },
  { "a.\r\n.b.\r\n.\r\n", "a.\nb.\n", "", ENDS },
  { "\377\200\r\n.\r\n", "\377\200\n", "", ENDS },
  { "", "", "", OPEN },
  { "a", "a", "", OPEN },
  { "a\r", "a", "", OPEN },
  { ".", "", "", OPEN },
  { ".\r", "", "", OPEN },
  { "a\r\n.\r", "a\n", "", OPEN },
  /* SMTP smuggling: none of these is an end */
  { "a\n.\n", "", "", SPOILED_OPEN },
  { "a\n.\r\n", "", "", SPOILED_OPEN },
  { "a\r\n.\n", "", "", SPOILED_OPEN },
  { "a\r.\r", "", "", SPOILED_OPEN },
  { "a\r.\r\n", "", "", SPOILED_OPEN },
  { "a\r\n.\r", "a\n", "", OPEN },
  { "a\r\n.\r.\r\n", "", "", SPOILED_OPEN },
  { ".\n", "", "", SPOILED_OPEN },
  { "\n.\r\n", "", "", SPOILED_OPEN },
  { "\n", "", "", SPOILED_OPEN },
  { "\r\r", "", "", SPOILED_OPEN },
  { "a\r\r\n", "", "", SPOILED_OPEN },
  { "a\nb\r\n.\r\nNOOP", "", "NOOP", SPOILED },
  { "a\n.\r\n.\r\n", "", "", SPOILED },
  { "a\n.\nMAIL\r\n.\r\nX", "", "X", SPOILED },
  { "a\rb\r\n.\r\n", "", "", SPOILED },
  { "a\r\r\n.\r\n", "", "", SPOILED },
  { ".\r\r\n.\r\n", "", "", SPOILED },
  { "\r.\r\n.\r\n", "", "", SPOILED },
};

static struct wire const normalise[] = {
  { ".\r\n", "", "", ENDS },
  { "a\n.\r\nb", "a\n", "b", ENDS },
  { "a\r\n.\r\n", "a\n", "", ENDS },
  { "\n\n.\r\n", "\n\n", "", ENDS },
  { "a\n..\n.\r\n", "a\n.\n", "", ENDS },
  { "a\rb\n.\r\n", "a\nb\n", "", ENDS },
  { "a\r\r\n.\r\n", "a\n", "", ENDS },
  { "a\r.\r\n.\r\n", "a\n.\n", "", ENDS },
  { ".\rx\r\n.\r\n", "\nx\n", "", ENDS },
  /* a dot before a bare LF ends nothing here either */
  { ".\n", "\n", "", OPEN },
  { "a\n.\n", "a\n\n", "", OPEN },
  { "a\r\n.\nb", "a\n\nb", "", OPEN },
  { "a\r.\r", "a\n.", "", OPEN },
};

static struct wire const lf[] = {
  { ".\n", "", "", ENDS },
  { ".\r\n", "", "", ENDS },
  { "a\n.\nb", "a\n", "b", ENDS },
  { "a\r\n.\nb", "a\n", "b", ENDS },
  { "a\r\n.\r\n", "a\n", "", ENDS },
  { "a\n..\n.\n", "a\n.\n", "", ENDS },
  { "a\n.b\n.\n", "a\nb\n", "", ENDS },
  { "a\rb\n.\n", "a\nb\n", "", ENDS },
  { "a.\n", "a.\n", "", OPEN },
  { "a\r.\r", "a\n.", "", OPEN },
};

/* Chunks: the end is where they end. */
static struct wire const chunks[] = {
  { "", "", "", ENDS },
  { "a", "a\n", "", ENDS },
  { "a\r\n", "a\n", "", ENDS },
  { ".\r\n", ".\n", "", ENDS },
  { "..\r\n.\r\n", "..\n.\n", "", ENDS },
  { "a\r\n.\r\nQUIT\r\n", "a\n.\nQUIT\n", "", ENDS },
  { "\r\n", "\n", "", ENDS },
  { "a\r", "", "", SPOILED },
  { "\n", "", "", SPOILED },
  { "a\n.\n", "", "", SPOILED },
  { "a\r\n.\n", "", "", SPOILED },
  { "a\n.\r\n", "", "", SPOILED },
  { "a\r.\r\n", "", "", SPOILED },
  { "a\r\r\n", "", "", SPOILED },
};

static struct wire const normalised_chunks[] = {
  { "a\n.\r\nb", "a\n.\nb\n", "", ENDS },
  { "a\r", "a\n", "", ENDS },
  { "a\r.\n\n", "a\n.\n\n", "", ENDS },
};

struct result { struct body body; size_t kept, taken; char text[64]; };

/* Out is as large as promised and no larger, so that a memory checker sees a byte too many. */
static size_t take(struct result *r, char const *in, size_t len)
{
  size_t kept;
  char *copy = malloc(len + 1), *out = malloc(len + 1);
  memcpy(copy, in, len);
  size_t taken = body_take(&r->body, copy, len, out, &kept);
  assert_true(kept <= len + 1);
  memcpy(r->text + r->kept, out, kept);
  r->kept += kept;
  r->taken += taken;
  free(copy);
  free(out);
  return taken;
}

static void check(struct wire const *w, struct result const *r)
{
  bool ends = w->end == ENDS || w->end == SPOILED, spoiled = w->end == SPOILED || w->end == SPOILED_OPEN;
  assert_int_equal(body_done(&r->body), ends);
  assert_int_equal(body_is_spoiled(&r->body), spoiled);
  assert_int_equal(r->taken, strlen(w->in) - strlen(w->rest));
  if (spoiled) return;
  assert_int_equal(r->kept, strlen(w->kept));
  assert_memory_equal(r->text, w->kept, r->kept);
}

static void end(struct result *r)
{
  if (r->body.policy == BODY_CHUNKS || r->body.policy == BODY_CHUNKS_NORMALISED)
    r->kept += body_end(&r->body, r->text + r->kept);
}

/* Cut into two at every place, and into single bytes. */
static void hold(struct wire const *w, enum body_policy policy)
{
  size_t len = strlen(w->in);
  for (size_t cut = 0; cut <= len; cut++) {
    struct result r = { .kept = 0 };
    body_init(&r.body, policy);
    if (take(&r, w->in, cut) == cut) take(&r, w->in + cut, len - cut);
    end(&r);
    check(w, &r);
  }
  struct result r = { .kept = 0 };
  body_init(&r.body, policy);
  for (size_t i = 0; i < len; i++) take(&r, w->in + i, 1);
  end(&r);
  check(w, &r);
}

static void strict_bodies(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof strict / sizeof *strict; i++) hold(strict + i, BODY_STRICT);
}

static void normalised_bodies(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof normalise / sizeof *normalise; i++) hold(normalise + i, BODY_NORMALISE);
}

static void bodies_of_clients_that_end_lines_with_lf(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lf / sizeof *lf; i++) hold(lf + i, BODY_LF);
}

static void bodies_in_chunks(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) hold(chunks + i, BODY_CHUNKS);
  for (size_t i = 0; i < sizeof normalised_chunks / sizeof *normalised_chunks; i++)
    hold(normalised_chunks + i, BODY_CHUNKS_NORMALISED);
}

static void a_nul_is_told_and_normalised_away(void **state)
{
  static char const wire[] = "a\0b\r\n\0.\r\n.\0\r\n.\r\n", kept[] = "ab\n.\n\n";
  (void)state;
  for (size_t cut = 0; cut < sizeof wire; cut++)
    for (enum body_policy policy = BODY_STRICT; policy <= BODY_LF; policy++) {
      struct result r = { .kept = 0 };
      body_init(&r.body, policy);
      take(&r, wire, cut);
      take(&r, wire + cut, sizeof wire - 1 - cut);
      assert_true(body_done(&r.body) && !body_is_spoiled(&r.body));
      assert_int_equal(body_has_nul(&r.body), policy == BODY_STRICT);
      if (policy == BODY_STRICT) continue;
      assert_int_equal(r.kept, sizeof kept - 1);
      assert_memory_equal(r.text, kept, r.kept);
    }
}

/* Every wire of up to seven bytes over the four kinds: a strict body is done exactly when the bytes CR LF . CR LF
   have come, the start counting as CR LF; it is spoiled exactly when a CR or LF stands alone. */
static void every_short_wire(void **state)
{
  static char const kinds[4] = { '\r', '\n', '.', 'x' };
  (void)state;
  for (unsigned len = 1; len <= 7; len++)
    for (unsigned n = 0; n < 1u << 2 * len; n++) {
      char wire[2 + 7 + 1] = "\r\n";
      for (unsigned i = 0; i < len; i++) wire[2 + i] = kinds[n >> 2 * i & 3];
      char const *end = strstr(wire, "\r\n.\r\n");
      size_t whole = end ? (size_t)(end - wire) + 5 : 2 + len;
      bool alone = false;
      for (size_t i = 2; i < whole; i++) {
        if (wire[i] == '\n' && wire[i - 1] != '\r') alone = true;
        if (wire[i] != '\n' && wire[i - 1] == '\r') alone = true;
        if (i == 2 && wire[i] == '\n') alone = true;
      }
      struct result r = { .kept = 0 };
      body_init(&r.body, BODY_STRICT);
      take(&r, wire + 2, len);
      assert_int_equal(body_done(&r.body), end != 0);
      assert_int_equal(r.taken, whole - 2);
      assert_int_equal(body_is_spoiled(&r.body), alone);
    }
}

static void a_client_that_ends_its_own_way(void **state)
{
  static struct { char const *in; bool over; } const cases[] = {
    { "a\n.\n", true }, { "a\n.\r\n", true }, { "\n.\n", true },
    { "a\n.", false }, { "a\n.\r", false }, { "a\n", false }, { "a\n.\nb", false }, { "a\n..\n", false },
    { "a\r\n.", false }, { "a\r\n", false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct result r = { .kept = 0 };
    body_init(&r.body, BODY_STRICT);
    take(&r, cases[i].in, strlen(cases[i].in));
    assert_int_equal(body_seems_over(&r.body), cases[i].over);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(strict_bodies), cmocka_unit_test(normalised_bodies),
    cmocka_unit_test(bodies_of_clients_that_end_lines_with_lf), cmocka_unit_test(a_nul_is_told_and_normalised_away),
    cmocka_unit_test(bodies_in_chunks), cmocka_unit_test(every_short_wire),
    cmocka_unit_test(a_client_that_ends_its_own_way),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
