/* One report for each recipient, from what qmail-remote said of all. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "remote_judge.h"

enum { CRASH = 9, EXIT = 256 };    /* wait statuses */

/* In output '|' stands for NUL. Reports: letter and text for each recipient, likewise. */
static struct { int wstat; char const *output; size_t count; char const *reports; } const cases[] = {
  /* the program */
  { CRASH,      "r|Kok|",                  1, "Zqmail-remote crashed.\n|" },
  { 111 * EXIT, "r|Kok|",                  1, "ZUnable to run qmail-remote.\n|" },
  { 100 * EXIT, "r|Kok|",                  1, "DUnable to run qmail-remote.\n|" },
  { 1 * EXIT,   "",                        2, "DUnable to run qmail-remote.\n|DUnable to run qmail-remote.\n|" },
  { 0,          "",                        2, "Zqmail-remote produced no output.\n|Zqmail-remote produced no output.\n|" },
  /* one recipient */
  { 0,          "r|Kok|",                  1, "Kok|" },
  { 0,          "r|Zlater|",               1, "Zlater|" },
  { 0,          "r|Dnever|",               1, "Dnever|" },
  { 0,          "hno|Dgiving up|",         1, "Dnogiving up|" },
  { 0,          "snot now|Dgiving up|",    1, "Znot nowgiving up|" },
  { 0,          "hno|Kok|",                1, "Dno|" },
  { 0,          "hno|Zdied|",              1, "Dno|" },
  { 0,          "snot now|Kok|",           1, "Znot now|" },
  { 0,          "snot now|Zdied|",         1, "Znot nowdied|" },
  { 0,          "Kok|",                    1, "Kok|" },
  { 0,          "Dnever|",                 1, "Dnever|" },
  { 0,          "Kok",                     1, "Kok|" },
  { 0,          "r|",                      1, "D|" },
  { 0,          "noise|Kok|",              1, "Koiseok|" },
  { 0,          "|Kok|",                   1, "Kok|" },
  /* several */
  { 0,          "r|r|r|Kok|",              3, "Kok|Kok|Kok|" },
  { 0,          "r|hno|snot now|Kok|",     3, "Kok|Dno|Znot now|" },
  { 0,          "r|hno|snot now|Zdied|",   3, "Zdied|Dno|Znot nowdied|" },
  { 0,          "r|hno|snot now|Dbad|",    3, "Dbad|Dnobad|Znot nowbad|" },
  { 0,          "r|Zdied|",                3, "Zdied|Zdied|Zdied|" },
  { 0,          "Dno host|",               2, "Dno host|Dno host|" },
  /* what knows of one recipient only does not make the others vanish */
  { 0,          "r|Kok|",                  2, "Kok|Zqmail-remote said nothing about this recipient.\n|" },
  { 0,          "Kok|",                    2, "Kok|Zqmail-remote said nothing about this recipient.\n|" },
  { 0,          "noiseh|r|Kok|",           2, "Zoiseh|Kok|" },
};

static char *without_nul(char *s)
{
  for (char *c = s; *c; c++)
    if (*c == '|') *c = 0;
  return s;
}

static void reports(void **state)
{
  static struct judgement j;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char output[200], wanted[300], *w = wanted;
    size_t len = strlen(cases[i].output);
    without_nul(strcpy(output, cases[i].output));
    without_nul(strcpy(wanted, cases[i].reports));
    for (size_t n = 0; n < cases[i].count; n++, w += strlen(w) + 1) {
      judge_recipient(&j, cases[i].wstat, output, len, false, n, cases[i].count);
      assert_int_equal(j.letter, w[0]);
      assert_int_equal(j.len, strlen(w + 1));
      assert_memory_equal(j.text, w + 1, j.len);
    }
  }
}

/* What was learnt of the server, as above. */
static struct { int wstat; char const *output; char outcome; unsigned most; } const outcomes[] = {
  { 0,          "r|Kok|a|",                'r', 0 },
  { 0,          "Znobody there|u|",        'u', 0 },
  { 0,          "Znobody there|u",         'u', 0 },
  { 0,          "r|r|r|Kok|a|n3|",         'r', 3 },
  { 0,          "r|Kok|n100|",             '-', 100 },
  { 0,          "r|Kok|n101|",             '-', 0 },
  { 0,          "r|Kok|n99999999999999|",  '-', 0 },
  { 0,          "r|Kok|n|",                '-', 0 },
  { 0,          "r|Kok|n3x|",              '-', 0 },
  { 0,          "n3|Kok|",                 '-', 0 },
  { CRASH,      "r|Kok|n3|",               '-', 0 },
  { 0,          "r|hno|Zdied|more|u|",     'u', 0 },
  { 0,          "Znobody there (#4.4.1)|", '-', 0 },
  { 0,          "u|Zlater|",               '-', 0 },
  { 0,          "r|Kok|x|",                '-', 0 },
  { 0,          "r|Kok||",                 '-', 0 },
  { CRASH,      "Zlater|u|",               '-', 0 },
  { 0,          "",                        '-', 0 },
};

static void outcome(void **state)
{
  static struct judgement j;
  (void)state;
  for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
    char output[200];
    without_nul(strcpy(output, outcomes[i].output));
    judge_recipient(&j, outcomes[i].wstat, output, strlen(outcomes[i].output), false, 0, 1);
    if (j.outcome != outcomes[i].outcome || j.most != outcomes[i].most) fail_msg("case %zu: %c %u", i, j.outcome, j.most);
  }
}

static void cut_output_never_bounces(void **state)
{
  static struct judgement j;
  (void)state;
  judge_recipient(&j, 0, "r\0r\0r", 5, true, 0, 1);
  assert_int_equal(j.letter, 'Z');
  judge_recipient(&j, 0, "r\0Kok", 6, true, 0, 1);
  assert_int_equal(j.letter, 'K');
}

static void long_texts_are_cut(void **state)
{
  static struct judgement j;
  static char output[2 * WIRE_REPORT_MAX];
  (void)state;
  memset(output, 'D', sizeof output);
  judge_recipient(&j, 0, output, sizeof output, false, 0, 1);
  assert_int_equal(j.len, WIRE_REPORT_MAX);
}

/* As above; no name: null. */
static struct { int wstat; char const *output, *name; } const wheres[] = {
  { 0,          "Wmx.example|",              "mx.example" },
  { 0,          "Wmx.example",               "mx.example" },
  { 0,          "W|",                        "" },
  { CRASH,      "Wmx.example|",              "" },
  { 100 * EXIT, "Wmx.example|",              "" },
  { 0,          "",                          "" },
  { 0,          "DI was invoked improperly.|", "" },
  { 0,          "r|Wmx.example|",            "" },
};

static void where(void **state)
{
  static char longest[WIRE_DESTINATION_MAX + 2];
  char const *name;
  (void)state;
  for (size_t i = 0; i < sizeof wheres / sizeof *wheres; i++) {
    char output[200];
    size_t len = strlen(wheres[i].output);
    without_nul(strcpy(output, wheres[i].output));
    assert_int_equal(judge_where(&name, wheres[i].wstat, output, len), strlen(wheres[i].name));
    assert_memory_equal(name, wheres[i].name, strlen(wheres[i].name));
  }
  memset(longest, 'W', sizeof longest);
  assert_int_equal(judge_where(&name, 0, longest, sizeof longest - 1), WIRE_DESTINATION_MAX);
  assert_int_equal(judge_where(&name, 0, longest, sizeof longest), 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(reports), cmocka_unit_test(cut_output_never_bounces), cmocka_unit_test(long_texts_are_cut),
    cmocka_unit_test(where), cmocka_unit_test(outcome),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
