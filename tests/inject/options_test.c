/* Option letters: bundled, with arguments attached or behind, and where they stop. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <skalibs/strerr.h>

#include "options.h"
#include "text.h"

static struct { char const *words[6]; char const *seen; int rest; } const cases[] = {
  { { "p" },                         "",                1 },
  { { "p", "" },                     "",                1 },
  { { "p", "-" },                    "",                1 },
  { { "p", "--" },                   "",                2 },
  { { "p", "--", "-n" },             "",                2 },
  { { "p", "-n", "--", "-n" },       "n ",              3 },
  { { "p", "x", "-n" },              "",                1 },
  { { "p", "-nt", "x" },             "n t ",            2 },
  { { "p", "-ntfx", "y" },           "n t f=x ",        2 },
  { { "p", "-nf", "x", "y" },        "n f=x ",          3 },
  { { "p", "-f", "-n" },             "f=-n ",           3 },
  { { "p", "-f", "" },               "f= ",             3 },
  { { "p", "-f-n", "-t" },           "f=-n t ",         3 },
  { { "p", "-f" },                   "? ",              2 },
  { { "p", "-q" },                   "q= ",             2 },
  { { "p", "-q30m", "x" },           "q=30m ",          2 },
  { { "p", "-nq", "x" },             "n q= ",           2 },
  { { "p", "-x", "y" },              "? ",              2 },
  { { "p", "-nxt", "y" },            "n ? t ",          2 },
  { { "p", "-:" },                   "? ",              2 },
  { { "p", "-*" },                   "? ",              2 },
};

static void options_are_read(void **state)
{
  (void)state;
  stralloc seen = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int argc = 0;
    while (argc < 6 && cases[i].words[argc]) argc++;
    struct options o = OPTIONS(argc, cases[i].words);
    seen.len = 0;
    for (int letter; (letter = options_next(&o, "ntf:q*")) != -1;) {
      text_addc(&seen, (char)letter);
      if (strchr("fq", letter)) text_add(&seen, "="), text_add(&seen, o.arg);
      text_addc(&seen, ' ');
    }
    if (strcmp(text_z(&seen), cases[i].seen)) fail_msg("case %zu: %s", i, seen.s);
    assert_int_equal(o.at, cases[i].rest);
  }
  stralloc_free(&seen);
}

int main(void)
{
  PROG = "p";
  struct CMUnitTest const tests[] = { cmocka_unit_test(options_are_read) };
  return cmocka_run_group_tests(tests, 0, 0);
}
