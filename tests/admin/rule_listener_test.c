#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rule_listener.h"
#include "text.h"

static struct { char const *run; bool starts, names, ident, lists; char const *table; } const cases[] = {
  { "#!/bin/sh\nexec tcpserver 0 25 x\n",                             true,  true,  true,  false, "" },
  { "exec tcpserver -R -H -l 0 -x /etc/tcp.smtp.cdb 0 25 x",          true,  false, false, false, "/etc/tcp.smtp.cdb" },
  { "exec tcpserver -vRHl0 -x/etc/t.cdb 0 25 rblsmtpd -r x y",        true,  false, false, true,  "/etc/t.cdb" },
  { "softlimit -m 1 \\\n  /usr/bin/tcpserver -v -H \\\n -h -x \\\n t.cdb 0 25 /usr/bin/rblsmtpd x", true, true, true, true, "t.cdb" },
  { "tcpserver -R -l \"$LOCAL\" -c \"$MAX\" -u 1 -g 2 -b 9 -H 0 25 x", true, false, false, false, "" },
  { "tcpserver -lH 0 25 qmail-smtpd -R",                              true,  true,  true,  true,  "" },
  { "# tcpserver -H\nexec qmail-send # tcpserver\n",                  false, false, false, false, "" },
  { "tcpserver -H -R -x \"/etc/t.cdb\" 0 25 x",                       true,  false, false, false, "/etc/t.cdb" },
  { "tcpserver -x '",                                                 true,  true,  true,  false, "'" },
  { "exec mytcpserver -H 0 25 x",                                     false, false, false, false, "" },
  { "tcpserver -x",                                                   true,  true,  true,  false, "" },
  { "",                                                               false, false, false, false, "" },
};

static void test_runs(void **state)
{
  static struct rule_listener l = { .table = STRALLOC_ZERO };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bool starts = rule_listener_read(&l, cases[i].run, strlen(cases[i].run));
    if (starts != cases[i].starts) fail_msg("%s", cases[i].run);
    if (!starts) continue;
    if (l.names != cases[i].names || l.ident != cases[i].ident || l.lists != cases[i].lists) fail_msg("%s", cases[i].run);
    assert_string_equal(text_z(&l.table), cases[i].table);
  }
}

static void test_who_relays(void **state)
{
  static struct rule_listener l = { .table = STRALLOC_ZERO };
  static char const *const runs[] = { "tcpserver 0 628 qmail-qmqpd", "tcpserver 0 209 qmail-qmtpd # qmail-qmqpd", "tcpserver 0 25 rblsmtpd x" };
  (void)state;
  for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
    assert_true(rule_listener_read(&l, runs[i], strlen(runs[i])));
    assert_int_equal(l.relays, i == 0);
    assert_true(l.lists);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(test_runs), cmocka_unit_test(test_who_relays) };
  return cmocka_run_group_tests(tests, 0, 0);
}
