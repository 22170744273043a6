/* Threads of a month, and months of dates; the odd ones first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "crossing.h"
#include "text.h"
#include "threads.h"

#define A "aaaaaaaaaaaaaaaaaaaa"
#define B "aaaaaaaabbbbbbbbbbbb"

static struct { char const *before; uint64_t number; char const *hash, *after; } const adds[] = {
  { "", 1, A, "1:" A " [1] new\n" },
  { "1:" A " [1] one\n", 2, A, "2:" A " [2] one\n" },
  { "1:" A " [1] one\n", 1, A, "1:" A " [1] one\n" },
  { "5:" A " [3] one\n", 2, A, "5:" A " [3] one\n" },
  { "1:" A " [1] one\n", 2, B, "1:" A " [1] one\n2:" B " [1] new\n" },
  { "1:" A " [1] one\n2:" B " [1] two\n", 3, A, "2:" B " [1] two\n3:" A " [2] one\n" },
  { "broken\n1:" A "\n1:" A " [] x\n1:" A " [1\n1:" A " [1]\n", 2, B, "1:" A " [1] \n2:" B " [1] new\n" },
};

static void messages_come(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof adds / sizeof *adds; i++) {
    struct threads t = THREADS_ZERO;
    stralloc got = STRALLOC_ZERO;
    threads_read(&t, field_of(adds[i].before));
    threads_add(&t, adds[i].number, field_of(adds[i].hash), field_of("new"));
    threads_write(&got, &t);
    if (strcmp(text_z(&got), adds[i].after)) fail_msg("%s: %s", adds[i].before, got.s);
    threads_forget(&t);
    stralloc_free(&got);
  }
}

static void many_threads(void **state)
{
  struct threads t = THREADS_ZERO;
  stralloc got = STRALLOC_ZERO;
  size_t lines = 0;
  (void)state;
  for (uint64_t n = 1; n <= 10000; n++) {
    char hash[] = A;
    for (uint64_t k = 0, x = n % 5000; k < 8; k++, x /= 16) hash[k] = (char)('a' + x % 16);
    threads_add(&t, n, field_of(hash), field_of("x"));
    if (n == 7000) threads_write(&got, &t);
  }
  got.len = 0;
  threads_write(&got, &t);
  for (size_t i = 0; i < got.len; i++) lines += got.s[i] == '\n';
  assert_int_equal(lines, 5000);
  assert_memory_equal(got.s, "5001:", 5);
  threads_forget(&t);
  stralloc_free(&got);
}

static struct { char const *date; unsigned month; } const months[] = {
  { "", 0 }, { "Nov", 0 }, { "20 Nov", 0 }, { "20 Nov 1", 0 }, { "20 Nov 1969", 0 }, { "20 Nov 2025x", 0 }, { "2025-11-20", 0 },
  { "20 Nov 2025 20:00:00 -0000", 202511 }, { "Thu, 1 Jan 1970 00:00:00 +0000", 197001 }, { "Sunday, 06-Nov-94 08:49:37 GMT", 199411 },
  { "3 february 05", 200502 }, { "Mon Dec 2024", 202412 },
};

static void months_of_dates(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof months / sizeof *months; i++)
    if (threads_month(field_of(months[i].date)) != months[i].month) fail_msg("%s: %u", months[i].date, threads_month(field_of(months[i].date)));
}

/* ---- a file of a subject ---- */

static struct { char const *before; uint64_t number; char const *after; } const lines[] = {
  { "", 5, "head\n5:x\n" },
  { "head\n", 5, "head\n5:x\n" },
  { "head\n4:y\n", 5, "head\n4:y\n5:x\n" },
  { "head\n5:y\n", 5, "head\n5:x\n" },
  { "head\n4:y\n6:y\n", 5, "head\n4:y\n5:x\n6:y\n" },
  { "head\n6:y\n", 5, "head\n5:x\n6:y\n" },
  { "head\n5:x\n6:y\n", 5, "head\n5:x\n6:y\n" },
  { "head\n5:x\n6:to", 5, "head\n5:x\n" },
  { "head\n15:x\n16:y\n", 5, "head\n5:x\n15:x\n16:y\n" },
  { "head\n4:y\n5:to", 5, "head\n4:y\n5:x\n" },
  { "hea", 5, "head\n5:x\n" },
};

static void lines_in_order(void **state)
{
  char dir[] = "/tmp/crossing.XXXXXX", got[200], path[64];
  struct crossing c = { "subjects", field_of(A), field_of("head\n") };
  (void)state;
  assert_non_null(mkdtemp(dir));
  assert_int_equal(chdir(dir), 0);
  assert_false(crossing_put(&c, 1, field_of("1:x\n"), path));
  assert_int_equal(mkdir("archive", 0700), 0);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    assert_true(crossing_put(&c, 1, field_of("1:x\n"), path));
    openwritenclose_unsafe(path, lines[i].before, strlen(lines[i].before));
    assert_true(crossing_put(&c, lines[i].number, field_of("5:x\n"), path));
    ssize_t r = openreadnclose(path, got, sizeof got - 1);
    got[r > 0 ? r : 0] = 0;
    if (strcmp(got, lines[i].after)) fail_msg("%s: %s", lines[i].before, got);
  }
  assert_int_equal(chdir("/"), 0);
  rm_rf(dir);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(messages_come),
    cmocka_unit_test(many_threads),
    cmocka_unit_test(months_of_dates),
    cmocka_unit_test(lines_in_order),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
