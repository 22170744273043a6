#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "credentials.h"

static char const long_text[CREDENTIALS_MAX + 1] = { [0 ... CREDENTIALS_MAX - 1] = 'x' };

static void packing(void **state)
{
  struct { char const *login; size_t login_len; char const *password; size_t password_len; char const *stamp; size_t packed; }
  const cases[] = {
    { "", 0, "", 0, "", 3 },
    { "a\0b", 3, "p", 1, "", 0 },
    { "a", 1, "p\0", 2, "", 0 },
    { "joe", 3, " p p ", 5, "<1.2@h>", 18 },
    { "joe", 3, "\xff:%", 3, "", 9 },
    { long_text, 509, "", 0, "", 512 },
    { long_text, 510, "", 0, "", 0 },
    { long_text, 200, long_text, 309, "", 512 },
    { long_text, 200, long_text, 310, "", 0 },
    { long_text, 200, long_text, 300, "123456789", 512 },
    { long_text, 200, long_text, 300, "1234567890", 0 },
    { long_text, SIZE_MAX, "", 0, "", 0 },
    { "", 0, long_text, SIZE_MAX - 2, "", 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char packed[CREDENTIALS_MAX];
    struct credentials c = {
      .login = cases[i].login, .password = cases[i].password, .login_len = cases[i].login_len, .password_len = cases[i].password_len
    }, back;
    size_t n = credentials_pack(packed, &c, cases[i].stamp);
    assert_int_equal(n, cases[i].packed);
    if (!n) continue;
    assert_true(credentials_unpack(&back, packed, n));
    assert_int_equal(back.login_len, c.login_len);
    assert_memory_equal(back.login, c.login, c.login_len);
    assert_int_equal(back.password_len, c.password_len);
    assert_memory_equal(back.password, c.password, c.password_len);
    assert_string_equal(back.stamp, cases[i].stamp);
    assert_int_equal(back.stamp_len, strlen(cases[i].stamp));
  }
}

static void fitting(void **state)
{
  struct { size_t exchange_len; char const *begin; bool fits; } const cases[] = {
    { 500, "<", true }, { 502, "<", false }, { 500, "n=", true }, { 502, "n=", true }, { 2400, "n=", true }, { 2400, "m=", false },
    { CREDENTIALS_PROOF_MAX - 12, "n=", true },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char packed[CREDENTIALS_PROOF_MAX], exchange[CREDENTIALS_PROOF_MAX];
    memset(exchange, 'x', sizeof exchange);
    memcpy(exchange, cases[i].begin, strlen(cases[i].begin));
    struct credentials const c = { "joe", "proof", 3, 5, exchange, cases[i].exchange_len };
    size_t n = credentials_pack_proof(packed, &c);
    assert_int_equal(n, cases[i].exchange_len + 11);
    assert_int_equal(credentials_fit(packed, n), cases[i].fits);
  }
  struct credentials const much = { "joe", "proof", 3, 5, long_text, CREDENTIALS_PROOF_MAX - 10 };
  assert_int_equal(credentials_pack_proof((char [CREDENTIALS_PROOF_MAX]){ 0 }, &much), 0);
}

static void unpacking(void **state)
{
  struct { char const *s; size_t len; bool good; char const *login, *password, *stamp; } const cases[] = {
    { "", 0, false, 0, 0, 0 },
    { "joe", 3, false, 0, 0, 0 },
    { "joe\0", 4, false, 0, 0, 0 },
    { "joe\0secret", 10, false, 0, 0, 0 },
    { "joe\0secret\0", 11, true, "joe", "secret", "" },
    { "joe\0secret\0unfinished", 21, true, "joe", "secret", "" },
    { "joe\0secret\0<1@h>\0more\0", 22, true, "joe", "secret", "<1@h>" },
    { "\0\0", 2, true, "", "", "" },
    { "\0", 1, false, 0, 0, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct credentials c;
    assert_int_equal(credentials_unpack(&c, cases[i].s, cases[i].len), cases[i].good);
    if (!cases[i].good) continue;
    assert_string_equal(c.login, cases[i].login);
    assert_string_equal(c.password, cases[i].password);
    assert_int_equal(c.password_len, strlen(cases[i].password));
    assert_string_equal(c.stamp, cases[i].stamp);
    assert_int_equal(c.stamp_len, strlen(cases[i].stamp));
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(packing), cmocka_unit_test(fitting), cmocka_unit_test(unpacking) };
  return cmocka_run_group_tests(tests, 0, 0);
}
