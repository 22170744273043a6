/* A host on which mailboxes are: what is one, and how it is written. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail_host.h"

#define LABEL "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"      /* 63 */
#define LONGEST LABEL "." LABEL "." LABEL ".ddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiij"      /* 253 */

static void what_is_a_host(void **state)
{
  static struct { char const *said, *host; } const cases[] = {
    { "mail.example.net", "mail.example.net" }, { "MX-1.Example.NET", "mx-1.example.net" }, { "backend", "backend" }, { "a.b.c.d1", "a.b.c.d1" },
    { "1a", "1a" }, { "3.example", "3.example" }, { "xn--bcher-kva.example", "xn--bcher-kva.example" }, { LABEL ".x", LABEL ".x" },
    { LONGEST, LONGEST }, { LONGEST "k", 0 },
    { "192.0.2.1", "192.0.2.1" }, { "[192.0.2.1]", "192.0.2.1" }, { "2001:DB8::1", "2001:db8::1" }, { "[IPv6:2001:db8::1]", "2001:db8::1" },
    { "[2001:db8::1]", "2001:db8::1" }, { "::1", "::1" },
    { "", 0 }, { ".", 0 }, { ".a", 0 }, { "a.", 0 }, { "a..b", 0 }, { "-a", 0 }, { "a-", 0 }, { "a.-b", 0 }, { "a_b", 0 }, { "a b", 0 }, { "a:b", 0 },
    { "a\n", 0 }, { "a/b", 0 }, { "\xc3\xa4.example", 0 }, { LABEL "x.x", 0 }, { "1", 0 }, { "a.1", 0 }, { "192.0.2.256", 0 }, { "192.0.2", 0 }, { "[a]", 0 },
    { "[192.0.2.1", 0 }, { "[]", 0 }, { LABEL "." LABEL "." LABEL "." LABEL, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char host[MAIL_HOST_SIZE], again[MAIL_HOST_SIZE];
    if (mail_host_read(host, cases[i].said, strlen(cases[i].said)) != (cases[i].host != 0)) fail_msg("%s", cases[i].said);
    assert_string_equal(host, cases[i].host ? cases[i].host : "");
    if (!cases[i].host) continue;
    assert_true(mail_host_read(again, host, strlen(host)));
    assert_string_equal(again, host);
  }
  char host[MAIL_HOST_SIZE];
  assert_false(mail_host_read(host, "a\0b", 3));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(what_is_a_host) };
  return cmocka_run_group_tests(tests, 0, 0);
}
