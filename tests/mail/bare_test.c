#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bare.h"
#include "text.h"

/* ---- what completes ---- */

static struct { char const *host, *domain, *plus, *completion; } const rules_for[] = {
  { "mail.example.org", "example.org", "org", "@mail.example.org" },
  { "mail", "example.org", "org", "@mail.example.org" },
  { "mail+", "example.org", "org", "@mail.org" },
  { "[192.0.2.1]", "example.org", "org", "@[192.0.2.1]" }
};

static void completions(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof rules_for / sizeof *rules_for; i++) {
    struct rewrite_rules rules = { .host = STRALLOC_ZERO };
    stralloc domain = STRALLOC_ZERO;
    text_set(&rules.host, rules_for[i].host);
    text_set(&rules.domain, rules_for[i].domain);
    text_set(&rules.plus, rules_for[i].plus);
    bare_domain(&domain, &rules);
    assert_string_equal(text_z(&domain), rules_for[i].completion);
  }
}

/* ---- headers: null for what stays as it is ---- */

static struct { char const *header, *completed; } const headers[] = {
  { "", 0 }, { "\n", 0 }, { "Subject: joe\n", 0 }, { "To: joe@example.net\n", 0 }, { "To:\n", 0 }, { "To: <>\n", 0 },
  { "To: undisclosed-recipients:;\n", 0 },
  { "To: Joe Doe\n", 0 }, { "To: joe, Ann Lee, bob\n", 0 }, { "To: =?utf-8?q?J=C3=B6?=\n", 0 },
  { "To: (joe\n", 0 }, { "To: \"joe\n", 0 }, { "Tox: joe\n", 0 }, { "X-To: joe\n", 0 }, { "To joe\n", 0 },
  { "To: joe\n", "To: joe@h\n" },
  { "to : joe", "to : joe@h" },
  { "TO:joe,ann\n", "TO:joe@h,ann@h\n" },
  { "Cc: joe, ann@example.net , bob\n", "Cc: joe@h, ann@example.net , bob@h\n" },
  { "From: Joe Doe <joe>\n", "From: Joe Doe <joe@h>\n" },
  { "From: \"Doe, Joe\" <joe> (home)\n", "From: \"Doe, Joe\" <joe@h> (home)\n" },
  { "From: joe (Joe Doe)\n", "From: joe@h (Joe Doe)\n" },
  { "To: joe.doe\n", "To: joe.doe@h\n" },
  { "To: \"joe doe\"\n", "To: \"joe doe\"@h\n" },
  { "To: friends: joe, ann@example.net, bob;\n", "To: friends: joe@h, ann@example.net, bob@h;\n" },
  { "To: joe,\n ann,\n\tbob (x\n y)\nSubject: joe\nBcc: z\n", "To: joe@h,\n ann@h,\n\tbob@h (x\n y)\nSubject: joe\nBcc: z@h\n" },
  { "To: joe,\r\n ann\r\n", "To: joe@h,\r\n ann@h\r\n" },
  { "Sender: a\nReply-To: b\nResent-To: c\nResent-From: d\n", "Sender: a@h\nReply-To: b@h\nResent-To: c@h\nResent-From: d@h\n" }
};

static void headers_completed(void **state)
{
  (void)state;
  stralloc domain = STRALLOC_ZERO, got = STRALLOC_ZERO;
  text_set(&domain, "@h");
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    got.len = 0;
    bare_complete(&got, headers[i].header, strlen(headers[i].header), &domain);
    assert_string_equal(text_z(&got), headers[i].completed ? headers[i].completed : headers[i].header);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(completions), cmocka_unit_test(headers_completed) };
  return cmocka_run_group_tests(tests, 0, 0);
}
