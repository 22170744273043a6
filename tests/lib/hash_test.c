/* Passwords against what is stored of them. What stands here was made by other programs. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hash.h"

enum { COLUMN_OF_SQL = 128 };    /* where users are in a database */

static enum hash_result verify(char const *stored, char const *password)
{
  return hash_verify(stored, strlen(stored), password, strlen(password));
}

static char const *const of_secret[] = {
  "abNANd1rDfiNc",
  "_J9..rasmz0.F/jqjWck",
  "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
  "$5$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.",
  "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
  "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/",
  "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
  "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
  "$y$j75$abcdefghijklmnopqrstu/$aMXZ8aLyZZ.34V5w4RQ/w3gcYe3pPPVS6DIwzkzS9h9",
  "$7$7/..../....SodiumChloride$xehRHSRuqJSJGShkYGi88k.3dhKSyqUNHLRNlg6dwn9",
  "$gy$j75$abcdefghijklmnopqrstu/$bw4A9plI56TwElQT2GXswjML.mH41yD1EpcEHGFCs18",
  "{CRYPT}abNANd1rDfiNc",
  "{crypt}$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
  "{MD5-CRYPT}$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
  "{MD5}$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
  "{SHA512-CRYPT}$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p"
    "5hVO1",
  "{DES-CRYPT}abNANd1rDfiNc",
  "{SHA256-CRYPT}$5$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.",
  "{BLF-CRYPT}$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
  "{DES}abNANd1rDfiNc",
  "{SHA512}$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
  "{anything}$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
  "{PLAIN}secret",
  "{CLEARTEXT}secret",
  "{clear}secret",
  "{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69",
  "{PLAIN-MD5}5EBE2294ECD0E0F08EAB7690D2A6EE69",
  "{PLAIN-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
  "{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
  "{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
  "{LDAP-MD5.HEX}5ebe2294ecd0e0f08eab7690d2a6ee69",
  "{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ",
  "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
  "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",
  "{SHA.b64}5en6G6MezRroT3XKqkdPOmY/BfQ=",
  "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
  "{SHA256}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
  "{SHA256.b64}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
  "{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==",
  "{SHA512}bd2b1aaf7ef4f09be9f52ce2d8d599674d81aa9d6a4421696dc4d93dd0619d682ce56b4d64a9ef097761ced99e0f67265b5"
    "f76085e5b0ee7ca4696b2ad6fe2b2",
  "{SHA512.b64}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==",
  "{SMD5}Zc+vGMfWwH62W8NiGOSQMQD/c2FsdA==",
  "{SMD5.HEX}65cfaf18c7d6c07eb65bc36218e4903100ff73616c74",
  "{SMD5}65cfaf18c7d6c07eb65bc36218e4903100ff73616c74",
  "{SSHA}MHBh9gTO53+cQradt6OhGpScnQIA/3NhbHQ=",
  "{SSHA.HEX}307061f604cee77f9c42b69db7a3a11a949c9d0200ff73616c74",
  "{SSHA}307061f604cee77f9c42b69db7a3a11a949c9d0200ff73616c74",
  "{SSHA256}grW8l9P4E4/2wvr0GVXuHvhw66r7yyEUVpELE63CmtEA/3NhbHQ=",
  "{SSHA256.HEX}82b5bc97d3f8138ff6c2faf41955ee1ef870ebaafbcb211456910b13adc29ad100ff73616c74",
  "{SSHA256}82b5bc97d3f8138ff6c2faf41955ee1ef870ebaafbcb211456910b13adc29ad100ff73616c74",
  "{SSHA512}FKr77KUkE38ZKxKEbisUCAIm320nk05IIikUvu+NbsE40WguKVsgJ3WXLa9J1djuEhscsV3B9PHz0mBE4RYYKAD/c2FsdA==",
  "{SSHA512.HEX}14aafbeca524137f192b12846e2b14080226df6d27934e48222914beef8d6ec138d1682e295b202775972daf49d5d8"
    "ee121b1cb15dc1f4f1f3d26044e116182800ff73616c74",
  "{SCRAM-SHA-256}4096,TmFDbC1OYUNsLU5h,gOsPfcIlBH9lw4K3wLD+R/LNDrDpP8sJNfuPRnpzuRM=,bEfZaYEHzIo5IADX+WJqbrNbN9grWn4RWJkI+ejU1z4=",
  "{scram-sha-256}10000,TmFDbC1OYUNsLU5h,I2/JzzxPyusRgbJVBu1BLOotIrY3TzIrGvdsQ2+cCjc=,2WVRi2WClWqVuoPdHsWpplUms4sgbg2703GFiv11nBU=",
  "{SSHA512}14aafbeca524137f192b12846e2b14080226df6d27934e48222914beef8d6ec138d1682e295b202775972daf49d5d8ee12"
    "1b1cb15dc1f4f1f3d26044e116182800ff73616c74",
};

static void every_form(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof of_secret / sizeof *of_secret; i++) {
    print_message("%s\n", of_secret[i]);
    assert_int_equal(verify(of_secret[i], "secret"), HASH_RIGHT);
    assert_int_equal(verify(of_secret[i], "Secret"), HASH_WRONG);
    assert_int_equal(verify(of_secret[i], "secret "), HASH_WRONG);
    assert_int_equal(verify(of_secret[i], ""), HASH_WRONG);
    assert_int_equal(hash_verify(of_secret[i], strlen(of_secret[i]), "secret\0", 7), HASH_WRONG);
    assert_int_equal(verify(of_secret[i], of_secret[i]), HASH_WRONG);
  }
}

static void opened_by_nothing(void **state)
{
  static char const *const locked[] = {
    "", "*", "!", "!!", "*LK*", "*0", "!abNANd1rDfiNc", "!{PLAIN}secret", "{CRYPT}", "{CRYPT}*",
    "{CRYPT}!abNANd1rDfiNc",
    "{PLAIN}", "{SHA}", "{SHA}!5en6G6MezRroT3XKqkdPOmY/BfQ=", "{SHA512-CRYPT}!",
  };
  static char const *const passwords[] = { "", "secret", "*", "!", "*0", "*1" };
  (void)state;
  for (size_t i = 0; i < sizeof locked / sizeof *locked; i++) {
    for (size_t j = 0; j < sizeof passwords / sizeof *passwords; j++) {
      assert_int_equal(verify(locked[i], passwords[j]), HASH_WRONG);
    }
    assert_false(hash_is_old(HASH_YESCRYPT, locked[i], strlen(locked[i])));
  }
  assert_int_equal(hash_verify(0, 0, "secret", 6), HASH_WRONG);
  assert_int_equal(hash_verify(0, 0, "", 0), HASH_WRONG);
}

static void clear_texts_begin_with_anything(void **state)
{
  (void)state;
  assert_int_equal(verify("{PLAIN}!secret", "!secret"), HASH_RIGHT);
  assert_int_equal(verify("{PLAIN}*", "*"), HASH_RIGHT);
  assert_int_equal(verify("{PLAIN}{PLAIN}x", "{PLAIN}x"), HASH_RIGHT);
}

static void unknown_forms(void **state)
{
  static char const *const unknown[] = {
    "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$x", "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$x",
    "$99$x", "{X}abNANd1rDfiNc",
    "{}secret", "{PLAIN.HEX.B64}x", "{SHA.ROT13}x", "{PLAIN", "{SHA}x", "{SHA}5en6G6MezRroT3XKqkdPOmY/Bf==",
    "{SCRAM-SHA-256}4095,TmFDbC1OYUNsLU5h,gOsPfcIlBH9lw4K3wLD+R/LNDrDpP8sJNfuPRnpzuRM=,bEfZaYEHzIo5IADX+WJqbrNbN9grWn4RWJkI+ejU1z4=",
    "{SCRAM-SHA-256}4096,,gOsPfcIlBH9lw4K3wLD+R/LNDrDpP8sJNfuPRnpzuRM=,bEfZaYEHzIo5IADX+WJqbrNbN9grWn4RWJkI+ejU1z4=",
    "{SCRAM-SHA-256}4096,TmFDbC1OYUNsLU5h,gOsPfcIlBH9lw4K3wLD+R/LNDrDpP8sJNfuPRnpzuRM=", "{SCRAM-SHA-256}x",
    "{SHA.HEX}5en6G6MezRroT3XKqkdPOmY/BfQ=", "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f400", "{SSHA}5en6",
    "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f", "a", "{CRYPT}:b",
  };
  (void)state;
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    print_message("%s\n", unknown[i]);
    assert_int_equal(verify(unknown[i], "secret"), HASH_UNKNOWN);
  }
  assert_int_equal(hash_verify("{CRYPT}ab\0NANd1rDfiNc", 21, "secret", 6), HASH_UNKNOWN);
}

static char const as[HASH_STORED_MAX + 1] = { [0 ... HASH_STORED_MAX] = 'a' };

static void bounds(void **state)
{
  char stored[HASH_STORED_MAX + 1], hash[HASH_SIZE];
  (void)state;
  for (size_t len = HASH_PASSWORD_MAX - 1; len <= HASH_PASSWORD_MAX + 1; len++) {
    bool fits = len <= HASH_PASSWORD_MAX;
    memcpy(stored, "{PLAIN}", 7);
    memcpy(stored + 7, as, len);
    assert_int_equal(hash_verify(stored, 7 + len, as, len), fits ? HASH_RIGHT : HASH_WRONG);
    assert_int_equal(hash_make(hash, HASH_YESCRYPT, as, len), fits);
    if (fits) assert_int_equal(hash_verify(hash, strlen(hash), as, len), HASH_RIGHT);
  }
  for (size_t len = HASH_STORED_MAX - 1; len <= HASH_STORED_MAX + 1; len++) {
    memcpy(stored, "{PLAIN}", 7);
    memcpy(stored + 7, as, len - 7);
    assert_int_equal(hash_verify(stored, len, "a", 1), len <= HASH_STORED_MAX ? HASH_WRONG : HASH_UNKNOWN);
    memcpy(stored, "{SSHA512}", 9);
    assert_int_equal(hash_verify(stored, len, "a", 1), len <= HASH_STORED_MAX ? HASH_WRONG : HASH_UNKNOWN);
  }
}

static void new_ones_of(enum hash_form form, char const *begin)
{
  char a[HASH_SIZE], b[HASH_SIZE];
  assert_true(hash_make(a, form, "secret", 6) && hash_make(b, form, "secret", 6));
  assert_memory_equal(a, begin, strlen(begin));
  assert_string_not_equal(a, b);
  assert_int_equal(verify(a, "secret"), HASH_RIGHT);
  assert_int_equal(verify(a, "Secret"), HASH_WRONG);
  assert_false(hash_is_old(form, a, strlen(a)));
  assert_true(strlen(a) <= COLUMN_OF_SQL);
  errno = 0;
  assert_false(hash_make(a, form, "", 0) || hash_make(a, form, "a\0b", 3));
  assert_int_equal(errno, EINVAL);
}

static void new_ones(void **state)
{
  (void)state;
  new_ones_of(HASH_YESCRYPT, "$y$");
  new_ones_of(HASH_SCRAM, "{SCRAM-SHA-256}10000,");
}

static void old_ones(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof of_secret / sizeof *of_secret; i++)
    {
    bool scram = !strncasecmp(of_secret[i], "{SCRAM", 6), yescrypt = !strncmp(of_secret[i], "$y$", 3);
    assert_int_equal(hash_is_old(HASH_YESCRYPT, of_secret[i], strlen(of_secret[i])), !scram && !yescrypt);
    assert_int_equal(hash_is_old(HASH_SCRAM, of_secret[i], strlen(of_secret[i])), !scram);
  }
  assert_true(hash_is_old(HASH_YESCRYPT, "{UNKNOWN}x", 10));
}

/* What cannot be told now is not wrong. */
static void without_memory(void **state)
{
  char hash[HASH_SIZE];
  int status;
  (void)state;
#ifdef __SANITIZE_ADDRESS__
  skip();
#endif
  assert_true(hash_make(hash, HASH_YESCRYPT, "secret", 6));
  pid_t child = fork();
  if (!child) {
    struct rlimit const little = { 8 << 20, 8 << 20 };
    char other[HASH_SIZE];
    if (setrlimit(RLIMIT_AS, &little) == -1) _exit(1);
    errno = 0;
    if (verify(hash, "secret") != HASH_TROUBLE || errno != ENOMEM) _exit(2);
    if (verify(hash, "wrong") != HASH_TROUBLE || hash_verify(0, 0, "secret", 6) != HASH_TROUBLE) _exit(3);
    errno = 0;
    _exit(hash_make(other, HASH_YESCRYPT, "secret", 6) || errno != ENOMEM ? 4 : 0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

/* The first of each is from the RFC. */
static void challenges(void **state)
{
  char const *apop = "<1896.697170952@dbc.mtview.ca.us>", *cram = "<1896.697170952@postoffice.reston.mci.net>";
  (void)state;
  assert_true(hash_apop(apop, "c4c9334bac560ecc979e58001b3e22fb", "tanstaaf", 8));
  assert_true(hash_apop(apop, "C4C9334BAC560ECC979E58001B3E22FB", "tanstaaf", 8));
  assert_false(hash_apop(apop, "c4c9334bac560ecc979e58001b3e22fb", "tanstaa", 7));
  assert_false(hash_apop(apop, "c4c9334bac560ecc979e58001b3e22fc", "tanstaaf", 8));
  assert_false(hash_apop(apop, "c4c9334bac560ecc979e58001b3e22f", "tanstaaf", 8));
  assert_false(hash_apop(apop, "c4c9334bac560ecc979e58001b3e22fb0", "tanstaaf", 8));
  assert_false(hash_apop(apop, "x4c9334bac560ecc979e58001b3e22fb", "tanstaaf", 8));
  assert_false(hash_apop("", "d41d8cd98f00b204e9800998ecf8427e", "", 0));
  assert_true(hash_cram_md5(cram, "b913a602c7eda7a495b4e6e7334d3890", "tanstaaftanstaaf", 16));
  assert_false(hash_cram_md5(cram, "b913a602c7eda7a495b4e6e7334d3890", "tanstaaftanstaa", 15));
  assert_false(hash_cram_md5(cram, "", "tanstaaftanstaaf", 16));
  assert_false(hash_cram_md5("", "74e6f7298a9c2d168935f58c001bad88", "", 0));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(every_form), cmocka_unit_test(opened_by_nothing),
    cmocka_unit_test(clear_texts_begin_with_anything),
    cmocka_unit_test(unknown_forms), cmocka_unit_test(bounds), cmocka_unit_test(new_ones), cmocka_unit_test(old_ones),
    cmocka_unit_test(without_memory), cmocka_unit_test(challenges),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
