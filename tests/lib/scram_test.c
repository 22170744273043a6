/* What both sides of SCRAM-SHA-256 reckon: the example of RFC 7677 section 3, and what is stored. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base64.h"
#include "scram.h"

#define EXCHANGE "n=user,r=rOprNGfwEbeRWgbNEkqO," \
  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," \
  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

static void is_in_base64(unsigned char const digest[SCRAM_DIGEST], char const *text)
{
  char made[BASE64_LEN(SCRAM_DIGEST) + 1];
  made[base64_encode(made, (char const *)digest, SCRAM_DIGEST)] = 0;
  assert_string_equal(made, text);
}

static void as_in_the_rfc(void **state)
{
  char salt[] = "W22ZaJ0SNY7soEsUEjb6gQ==";
  size_t salt_len;
  unsigned char client[SCRAM_DIGEST], proof[SCRAM_DIGEST], signature[SCRAM_DIGEST];
  struct scram_keys keys;
  (void)state;
  assert_true(base64_decode(salt, strlen(salt), &salt_len));
  scram_keys(client, &keys, field_of("pencil"), (struct field){ salt, salt_len }, 4096);
  scram_prove(proof, client, &keys, field_of(EXCHANGE));
  is_in_base64(proof, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  scram_sign(signature, &keys, field_of(EXCHANGE));
  is_in_base64(signature, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  assert_true(scram_is_proof(proof, &keys, field_of(EXCHANGE)));
  assert_false(scram_is_proof(proof, &keys, field_of(EXCHANGE "x")));
  for (size_t i = 0; i < SCRAM_DIGEST; i++) {
    proof[i] ^= 1;
    assert_false(scram_is_proof(proof, &keys, field_of(EXCHANGE)));
    proof[i] ^= 1;
  }
}

/* Keys longer than a block of the digest are hashed first. */
static void long_passwords(void **state)
{
  static char const password[200] = { [0 ... 199] = 'p' };
  char made[SCRAM_STORED_SIZE];
  struct scram_stored s;
  (void)state;
  for (size_t len = 63; len <= 66; len++) {
    assert_true(scram_stored_make(made, password, len));
    assert_true(scram_stored_read(&s, made, strlen(made)));
    assert_true(scram_stored_opens(&s, password, len));
    assert_false(scram_stored_opens(&s, password, len + 1));
    assert_false(scram_stored_opens(&s, password, len - 1));
  }
  assert_false(scram_stored_make(made, "", 0));
}

static void numbers_of_rounds(void **state)
{
  static struct { char const *text; unsigned rounds; } const cases[] = {
    { "4095", 0 }, { "4096", 4096 }, { "1000000", 1000000 }, { "1000001", 0 }, { "", 0 }, { "04096", 0 }, { "4096 ", 0 },
    { "+4096", 0 }, { "99999999999999999999", 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(scram_rounds(field_of(cases[i].text)), cases[i].rounds);
}

#define STORED "gOsPfcIlBH9lw4K3wLD+R/LNDrDpP8sJNfuPRnpzuRM="
#define SERVER "bEfZaYEHzIo5IADX+WJqbrNbN9grWn4RWJkI+ejU1z4="

static void what_is_stored(void **state)
{
  static struct { char const *text; bool good; } const cases[] = {
    { "4096,TmFDbC1OYUNsLU5h," STORED "," SERVER, true }, { "4096,eA==," STORED "," SERVER, true },
    { "4096,TmFDbC1OYUNsLU5h," STORED "," SERVER ",", false }, { "4096,TmFDbC1OYUNsLU5h," STORED, false },
    { "4096,," STORED "," SERVER, false }, { "4096,x," STORED "," SERVER, false }, { "1,TmFDbC1OYUNsLU5h," STORED "," SERVER, false },
    { "4096,TmFDbC1OYUNsLU5h," SERVER ",eA==", false }, { "4096,TmFDbC1OYUNsLU5h,," SERVER, false }, { "", false }, { ",,,", false },
  };
  struct scram_stored s;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    print_message("%s\n", cases[i].text);
    assert_int_equal(scram_stored_read(&s, cases[i].text, strlen(cases[i].text)), cases[i].good);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(as_in_the_rfc), cmocka_unit_test(long_passwords), cmocka_unit_test(numbers_of_rounds),
    cmocka_unit_test(what_is_stored),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
