/* Which commands need no shell, and into which words they fall. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "shell_words.h"

static struct { char const *command, *words; } const plain[] = {
  { "/bin/true", "</bin/true>" },
  { " \t./bin/x  -a\tb@c.d ", "<./bin/x><-a><b@c.d>" },
  { "preline -f /usr/bin/procmail", "<preline><-f></usr/bin/procmail>" },
  { "forward a+b@c,d:e_F", "<forward><a+b@c,d:e_F>" },
  { "bouncesaying 'No, $thank you!' /bin/a", "<bouncesaying><No, $thank you!></bin/a>" },
  { "bouncesaying \"It's over; \"'\"now\"'.", "<bouncesaying><It's over; \"now\".>" },
  { "/bin/a '' \"\" b'\xc3\xa4' ", "</bin/a><><><b\xc3\xa4>" },
  { "'/bin/a'", "</bin/a>" },
};

static char const *const for_a_shell[] = {
  "", " ", "exit 99", "true", "cat > x", "/bin/a; /bin/b", "/bin/a $X", "/bin/a ~", "/bin/a *", "/bin/a 'b", "/bin/a b'", "/bin/a#",
  "A=/bin/b", "/bin/a\\ b", "/bin/a &", "/bin/a|b", "!/bin/a", "{ /bin/a", "(/bin/a)", "/bin/[a]", "/bin/a `b`",
  "/bin/a \"b", "/bin/a \"$b\"", "/bin/a \"`b`\"", "/bin/a \"\\b\"", "/bin/a 'b'\"c", "/bin/a\n/bin/b", "/bin/a b=c", "/bin/a \xc3\xa4", "/bin/a %1", "/bin/a ?", "/bin/a {b,c}", "source /x",
  "/x 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2"
};

static void plain_ones_are_cut(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    char command[200], joined[200] = "", *words[SHELL_WORDS_MAX + 1];
    snprintf(command, sizeof command, "%s", plain[i].command);
    assert_true(shell_words_split(command, words));
    for (char **w = words; *w; w++)
      snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "<%s>", *w);
    assert_string_equal(joined, plain[i].words);
  }
}

static void the_others_need_a_shell(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof for_a_shell / sizeof *for_a_shell; i++) {
    char command[200], *words[SHELL_WORDS_MAX + 1];
    snprintf(command, sizeof command, "%s", for_a_shell[i]);
    if (shell_words_split(command, words)) fail_msg("no shell for: %s", for_a_shell[i]);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(plain_ones_are_cut),
    cmocka_unit_test(the_others_need_a_shell)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
