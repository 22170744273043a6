#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "control.h"
#include "nameset.h"

static char place[] = "/tmp/queue-control-XXXXXX";

static int set_up(void **state)
{
  (void)state;
  return !mkdtemp(place) || chdir(place) || mkdir("control", 0700);
}

static int tear_down(void **state)
{
  (void)state;
  return chdir("/") || rm_rf(place);
}

/* Null removes the file. */
static void file(char const *name, char const *text)
{
  char path[64];
  snprintf(path, sizeof path, "control/%s", name);
  unlink(path);
  if (!text) return;
  FILE *f = fopen(path, "w");
  fputs(text, f);
  fclose(f);
}

/* A control file's text, control/me, what an absent file means, and what comes out; null: failure. */
static struct { char const *text, *me, *absent, *wanted; } const lines[] = {
  { 0,               "host\n", "default",         "default" },
  { 0,               "host\n", CONTROL_ME,        "host" },
  { 0,               0,        CONTROL_ME,        "x" },
  { 0,               "host\n", CONTROL_ME_NEEDED, "host" },
  { 0,               0,        CONTROL_ME_NEEDED, 0 },
  { 0,               "host\n", CONTROL_NEEDED,    0 },
  { 0,               0,        0,                 "" },
  { "",              "host\n", CONTROL_ME,        "" },
  { "\n",            "host\n", CONTROL_ME,        "" },
  { "a b \t\nmore\n", 0,       CONTROL_ME,        "a b" },
  { "  a\n",         0,        0,                 "  a" },
  { "#a",            0,        0,                 "#a" }
};

static void lines_and_their_defaults(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    stralloc got = STRALLOC_ZERO;
    char const *culprit;
    struct control const table[] = { { "x", CONTROL_LINE, &got, lines[i].absent }, { 0 } };
    file("x", lines[i].text);
    file("me", lines[i].me);
    int r = control_load(table, &culprit);
    assert_int_equal(r, lines[i].wanted != 0);
    if (r && (got.len != strlen(lines[i].wanted) || memcmp(got.s, lines[i].wanted, got.len))) fail_msg("case %zu", i);
    if (!r) assert_int_equal(errno, ENOENT);
    stralloc_free(&got);
  }
}

static struct { char const *text; unsigned long wanted; } const numbers[] = {
  { 0, 77 },
  { "", 77 },
  { "x5\n", 77 },
  { " 5\n", 77 },
  { "-5\n", 77 },
  { "5\n", 5 },
  { "5x\n6\n", 5 },
  { "0\n", 0 },
  { "007\n", 7 },
  { "18446744073709551615\n", (unsigned long)-1 },
  { "18446744073709551616\n", (unsigned long)-1 },
  { "99999999999999999999999999999999\n", (unsigned long)-1 }
};

static void numbers_and_what_is_none(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    unsigned long got = 1;
    char const *culprit;
    struct control const table[] = { { "n", CONTROL_NUMBER, &got, "77" }, { 0 } };
    file("n", numbers[i].text);
    assert_true(control_load(table, &culprit));
    if (got != numbers[i].wanted) fail_msg("%s: %lu", numbers[i].text, got);
  }
}

static void names_and_maps(void **state)
{
  (void)state;
  struct nameset names = NAMESET_ZERO, map = NAMESET_ZERO;
  char const *culprit;
  struct control const table[] = {
    { "names", CONTROL_NAMES, &names, CONTROL_ME_NEEDED }, { "map", CONTROL_MAP, &map, 0 }, { 0 }
  };
  file("names", "a\nb");
  file("map", "k:v\n");
  assert_true(control_load(table, &culprit));
  assert_true(nameset_has(&names, "B", 1) && nameset_has(&map, "K", 1));
  file("names", 0);
  file("me", "host\n");
  file("map", 0);
  assert_true(control_load(table, &culprit));
  assert_true(nameset_has(&names, "host", 4) && !nameset_has(&names, "a", 1) && !nameset_has(&map, "k", 1));
  nameset_free(&names);
  nameset_free(&map);
}

static void trouble_names_its_file(void **state)
{
  (void)state;
  stralloc got = STRALLOC_ZERO;
  char const *culprit;
  struct control const table[] = { { "ok", CONTROL_LINE, &got, 0 }, { "d", CONTROL_LINE, &got, 0 }, { 0 } };
  assert_int_equal(mkdir("control/d", 0700), 0);
  assert_false(control_load(table, &culprit));
  assert_int_equal(errno, EISDIR);
  assert_string_equal(culprit, "control/d");
  rmdir("control/d");
  assert_int_equal(mkfifo("control/d", 0600), 0);
  assert_false(control_load(table, &culprit));
  assert_int_equal(errno, EINVAL);
  unlink("control/d");
  assert_int_equal(symlink("d", "control/d"), 0);
  assert_false(control_load(table, &culprit));
  assert_int_equal(errno, ELOOP);
  unlink("control/d");
  assert_int_equal(control_exists("d"), 0);
  stralloc_free(&got);
}

static void sizes_are_bounded(void **state)
{
  (void)state;
  stralloc got = STRALLOC_ZERO;
  char name[300];
  file("big", "");
  assert_int_equal(truncate("control/big", CONTROL_MAX), 0);
  assert_int_equal(control_slurp(&got, "big"), 1);
  assert_int_equal(got.len, CONTROL_MAX);
  assert_int_equal(truncate("control/big", (off_t)CONTROL_MAX + 1), 0);
  assert_int_equal(control_slurp(&got, "big"), -1);
  assert_int_equal(errno, EFBIG);
  memset(name, 'n', sizeof name);
  name[sizeof name - 1] = 0;
  assert_int_equal(control_exists(name), -1);
  assert_int_equal(errno, ENAMETOOLONG);
  file("big", 0);
  stralloc_free(&got);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lines_and_their_defaults), cmocka_unit_test(numbers_and_what_is_none),
    cmocka_unit_test(names_and_maps), cmocka_unit_test(trouble_names_its_file), cmocka_unit_test(sizes_are_bounded)
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
