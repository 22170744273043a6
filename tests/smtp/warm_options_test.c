/* Commands of tcpserver: which of them need no tcpserver, and what they say. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "warm_options.h"

enum { WORDS_MAX = 24 };

/* Words of a line, in its own place. */
static int split(char const **words, char *line)
{
  int n = 0;
  for (char *s = strtok(line, " "); s; s = strtok(0, " ")) words[n++] = s;
  words[n] = 0;
  return n;
}

static struct { char const *line; bool warm; } const cases[] = {
  { "tcpserver -v -R -H -l me -x /etc/tcp.smtp.cdb -c 100 -u 7 -g 8 -b 128 -D 0 25 qmail-smtpd", true },
  { "/usr/bin/tcpserver -HRl me 0 25 qmail-smtpd", true },
  { "tcpserver -vHRDlme -c20 0 587 qmail-smtpd and more", true },
  { "tcpserver -HRl me 0 65535 p", true },
  { "", false },
  { "tcpserver", false },
  { "rblsmtpd -HRl me 0 25 qmail-smtpd", false },
  { "my-tcpserver -HRl me 0 25 qmail-smtpd", false },
  { "tcpserver -Rl me 0 25 qmail-smtpd", false },               /* names are asked for */
  { "tcpserver -Hl me 0 25 qmail-smtpd", false },               /* ident is */
  { "tcpserver -HR 0 25 qmail-smtpd", false },                  /* the own name is */
  { "tcpserver -HRhl me 0 25 qmail-smtpd", false },
  { "tcpserver -HRXl me -x r.cdb 0 25 qmail-smtpd", false },
  { "tcpserver -HRql me 0 25 qmail-smtpd", false },
  { "tcpserver -HRl me -B hello 0 25 qmail-smtpd", false },
  { "tcpserver -HR4l me 0 25 qmail-smtpd", false },
  { "tcpserver -HRl me -c 0 0 25 qmail-smtpd", false },
  { "tcpserver -HRl me -c x 0 25 qmail-smtpd", false },
  { "tcpserver -HRl me -u 99999999999 0 25 qmail-smtpd", false },
  { "tcpserver -HRl me 127.0.0.1 25 qmail-smtpd", false },
  { "tcpserver -HRl me 0 smtp qmail-smtpd", false },
  { "tcpserver -HRl me 0 0 qmail-smtpd", false },
  { "tcpserver -HRl me 0 65536 qmail-smtpd", false },
  { "tcpserver -HRl me 0 25", false },
  { "tcpserver -HRl", false },
};

static void which_are_known(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[200];
    char const *words[WORDS_MAX];
    struct warm_options o;
    strcpy(line, cases[i].line);
    int n = split(words, line);
    if (warm_options_read(&o, n, words) != cases[i].warm) fail_msg("%s", cases[i].line);
  }
}

static void what_they_say(void **state)
{
  (void)state;
  char line[200];
  char const *words[WORDS_MAX];
  struct warm_options o;
  strcpy(line, "tcpserver -v -R -H -l me -x rules -c 100 -u 7 -g 8 -b 128 -D 0 25 qmail-smtpd word");
  int n = split(words, line);
  assert_true(warm_options_read(&o, n, words));
  assert_string_equal(o.local, "me");
  assert_string_equal(o.rules, "rules");
  assert_int_equal(o.children_max, 100);
  assert_int_equal(o.backlog, 128);
  assert_int_equal(o.uid, 7);
  assert_int_equal(o.gid, 8);
  assert_true(o.no_delay);
  assert_true(o.verbose);
  assert_int_equal(o.port, 25);
  assert_string_equal(o.program[0], "qmail-smtpd");
  assert_string_equal(o.program[1], "word");
  assert_null(o.program[2]);
}

static void what_is_meant_without_a_word(void **state)
{
  (void)state;
  char line[] = "tcpserver -vDHRdQl me 0 25 p";
  char const *words[WORDS_MAX];
  struct warm_options o;
  int n = split(words, line);
  assert_true(warm_options_read(&o, n, words));
  assert_null(o.rules);
  assert_int_equal(o.children_max, 40);
  assert_int_equal(o.backlog, 20);
  assert_int_equal(o.uid, 0);
  assert_int_equal(o.gid, 0);
  assert_false(o.no_delay);
  assert_false(o.verbose);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(which_are_known),
    cmocka_unit_test(what_they_say),
    cmocka_unit_test(what_is_meant_without_a_word),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
