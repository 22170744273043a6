/* MD5 and HMAC-MD5: the vectors of RFC 1321 and RFC 2202, and every length around a block in any pieces. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "md5.h"

static void assert_digest(char const digest[MD5_SIZE], char const *hex)
{
  char text[2 * MD5_SIZE + 1];
  for (size_t i = 0; i < MD5_SIZE; i++) snprintf(text + 2 * i, 3, "%02x", (unsigned char)digest[i]);
  assert_string_equal(text, hex);
}

static void digest_of(char digest[MD5_SIZE], char const *s, size_t len, size_t piece)
{
  struct md5 m;
  md5_begin(&m);
  for (size_t at = 0; at < len; at += piece) md5_add(&m, s + at, len - at < piece ? len - at : piece);
  md5_end(&m, digest);
}

static void texts(void **state)
{
  static struct { char const *s, *digest; } const cases[] = {
    { "", "d41d8cd98f00b204e9800998ecf8427e" },
    { "a", "0cc175b9c0f1b6a831c399e269772661" },
    { "abc", "900150983cd24fb0d6963f7d28e17f72" },
    { "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
    { "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
    { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f" },
    { "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t piece = 1; piece <= 81; piece += 16) {
      char digest[MD5_SIZE];
      digest_of(digest, cases[i].s, strlen(cases[i].s), piece);
      assert_digest(digest, cases[i].digest);
    }
}

/* The digest of the digests of 0 to 199 times 'a', which another program made. */
static void lengths(void **state)
{
  static char as[200];
  char digests[sizeof as][MD5_SIZE], all[MD5_SIZE];
  (void)state;
  memset(as, 'a', sizeof as);
  for (size_t len = 0; len < sizeof as; len++) digest_of(digests[len], as, len, 7);
  digest_of(all, digests[0], sizeof digests, 1000);
  assert_digest(all, "9370237cf2c013418ada10f8f1b5210b");
}

static void keyed(void **state)
{
  static struct { char key; size_t key_len; char const *s, *digest; } const cases[] = {
    { 0x0b, 16, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d" },
    { (char)0xaa, 80, "Test Using Larger Than Block-Size Key - Hash Key First", "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
    { (char)0xaa, 80, "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
      "6f630fad67cda0ee1fb1f562db3aa53e" },
    { 'k', 63, "x", "bd7a40e448585d49d448d38ff14af29c" },
    { 'k', 64, "x", "f38420ee2e6c7cd5d9977bffba49d984" },
    { 'k', 65, "x", "35d6a3481580c58aab0efcc7f04c5e59" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char key[80], digest[MD5_SIZE];
    memset(key, cases[i].key, sizeof key);
    md5_keyed(digest, key, cases[i].key_len, cases[i].s, strlen(cases[i].s));
    assert_digest(digest, cases[i].digest);
  }
  char digest[MD5_SIZE];
  md5_keyed(digest, "Jefe", 4, "what do ya want for nothing?", 28);
  assert_digest(digest, "750c783e6ab0b503eaa86e310a5db738");
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(texts), cmocka_unit_test(lengths), cmocka_unit_test(keyed) };
  return cmocka_run_group_tests(tests, 0, 0);
}
