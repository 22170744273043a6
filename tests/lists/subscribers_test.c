/* Subscribers in 53 files: in which of them, as which releases had it, and what comes of a file that is not as it should be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <skalibs/strerr.h>

#include "list_file.h"
#include "subscribers.h"
#include "subscribers_records.h"
#include "text.h"

static struct { char const *address; unsigned wide, narrow; } const hashes[] = {
  { "user@example.com", 25, 23 }, { "john@example.com", 25, 25 }, { "abc@def.org", 22, 32 }, { "xyzzy@host", 2, 21 },
  { "@badexample.com", 28, 34 },
};

static void addresses_are_in_the_files_of_each_release(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
    assert_int_equal(subscribers_hash(field_of(hashes[i].address), false), hashes[i].wide);
    assert_int_equal(subscribers_hash(field_of(hashes[i].address), true), hashes[i].narrow);
  }
  assert_int_equal(subscribers_hash_bare(field_of("lindberg@id.wustl.edu")), 5);
}

static struct { char const *address; bool is; } const addresses[] = {
  { "a@b", true }, { "@b", true }, { "a@", true }, { "a", false }, { "", false }, { "a@b\n", false }, { "a\n@b", false },
};

static void what_can_be_subscribed(void **state)
{
  char longest[LIST_ADDRESS_MAX + 2];
  (void)state;
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
    assert_int_equal(subscribers_is_address(field_of(addresses[i].address)), addresses[i].is);
  assert_false(subscribers_is_address((struct field){ "a@b\0c", 5 }));
  memset(longest, '@', sizeof longest);
  assert_true(subscribers_is_address((struct field){ longest, LIST_ADDRESS_MAX }));
  assert_false(subscribers_is_address((struct field){ longest, LIST_ADDRESS_MAX + 1 }));
}

/* ---- a table on disk ---- */

static char made[] = "/tmp/subscribers.XXXXXX";
static struct list l = { .dir = made };
static struct subscribers_event const manual = { "+manual", { "Joe\t\xc3\xa4", 6 } };

static int a_list(void **state)
{
  (void)state;
  PROG = "subscribers_test";
  assert_non_null(mkdtemp(made));
  assert_int_equal(chdir(made), 0);
  mkdir("subscribers", 0700), mkdir("deny", 0700), mkdir("deny/subscribers", 0700);
  return 0;
}

static int no_list(void **state)
{
  char command[64];
  (void)state;
  snprintf(command, sizeof command, "rm -r %s", made);
  return chdir("/") || system(command);
}

static void put(char const *name, char const *text, size_t len)
{
  FILE *f = fopen(name, "w");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, len, f), len);
  fclose(f);
}

static void holds(char const *name, char const *text, size_t len)
{
  stralloc got = STRALLOC_ZERO;
  assert_int_equal(list_file_read(&got, name, 10000), 1);
  if (got.len != len || memcmp(got.s, text, len)) fail_msg("%s: \"%.*s\"", name, (int)got.len, got.s);
  stralloc_free(&got);
}

static bool have(char const *table, char const *address, char const *as)
{
  stralloc found = STRALLOC_ZERO;
  struct subscribers *s = subscribers_open(&l, table, 0);
  bool const is = subscribers_have(s, field_of(address), &found);
  if (is) assert_true(field_is((struct field){ found.s, found.len }, as));
  subscribers_close(s);
  stralloc_free(&found);
  return is;
}

static void who_comes_and_goes(void **state)
{
  struct subscribers *s = subscribers_open(&l, 0, 0);
  (void)state;
  assert_true(subscribers_add(s, field_of("John@Example.COM"), &manual, -1));
  holds("subscribers/Y", "TJohn@example.com", 18);
  assert_false(subscribers_add(s, field_of("jOHN@example.com"), &manual, -1));
  assert_true(subscribers_add(s, field_of("user@example.com"), &manual, -1));
  holds("subscribers/Y", "TJohn@example.com\0Tuser@example.com", 36);
  assert_true(have(".", "JOHN@EXAMPLE.com", "John@example.com") && have(made, "john@example.com", "John@example.com"));
  assert_false(have("", "ohn@example.com", 0) || have("deny", "john@example.com", 0));
  assert_true(subscribers_remove(s, field_of("JOHN@example.com"), &manual, -1));
  assert_false(subscribers_remove(s, field_of("john@example.com"), &manual, -1));
  holds("subscribers/Y", "Tuser@example.com", 18);
  assert_true(subscribers_remove(s, field_of("user@example.com"), &manual, -1));
  holds("subscribers/Y", "", 0);
  subscribers_close(s);
}

static void older_releases_put_them_elsewhere(void **state)
{
  struct subscribers *s = subscribers_open(&l, 0, 0);
  (void)state;
  put("subscribers/W", "Tuser@example.com", 18);      /* 23: of 32 bits */
  assert_true(have(".", "user@example.com", "user@example.com"));
  assert_false(subscribers_add(s, field_of("user@example.com"), &manual, -1));
  put("subscribers/Y", "TUSER@example.com", 18);      /* as nobody did: in both */
  assert_true(subscribers_remove(s, field_of("user@example.com"), &manual, -1));
  assert_false(have(".", "user@example.com", 0));
  assert_true(subscribers_add(s, field_of("user@example.com"), &manual, 3));
  holds("subscribers/C", "Tuser@example.com", 18);
  assert_false(have(".", "user@example.com", 0));
  assert_false(subscribers_remove(s, field_of("user@example.com"), &manual, 4));
  assert_true(subscribers_remove(s, field_of("user@example.com"), &manual, 3));
  subscribers_close(s);
}

static void a_domain_is_all_who_are_in_it(void **state)
{
  char path[64];
  struct subscribers *s;
  (void)state;
  snprintf(path, sizeof path, "%s/deny", made);
  s = subscribers_open(&l, path, 0);
  assert_true(subscribers_add(s, field_of("@BadExample.com"), &manual, -1));
  holds("deny/subscribers/\\", "T@badexample.com", 17);
  assert_true(have("deny", "joe@badexample.COM", "@badexample.com") && have("deny", "a@b@badexample.com", "@badexample.com"));
  assert_false(have("deny", "joe@x.badexample.com", 0) || have("deny", "badexample.com", 0));
  subscribers_close(s);
  assert_int_equal(access("deny/lock", F_OK), 0);
  assert_int_equal(access("deny/Log", F_OK), 0);
}

static void count_one(void *to, struct field address)
{
  text_addb(to, address.s, address.len);
  text_add(to, " ");
}

static void what_is_no_address_is_left_alone(void **state)
{
  static char big[200000];
  stralloc all = STRALLOC_ZERO;
  struct subscribers *s = subscribers_open(&l, ".", 0);
  (void)state;
  put("subscribers/V", "TA@b\0no\0T\0Tc@d\nx\0Tabc@def.or", 28);
  assert_true(subscribers_add(s, field_of("abc@def.org"), &manual, -1));
  holds("subscribers/V", "TA@b\0no\0T\0Tc@d\nx\0Tabc@def.org\0Tabc@def.or", 41);
  assert_int_equal(subscribers_each(s, (struct subscribers_range){ 22, 22 }, count_one, &all), 2);
  assert_string_equal(text_z(&all), "A@b abc@def.org ");
  memset(big, 'T', sizeof big);
  memcpy(big + sizeof big - 7, "\0Te@f\0", 6);
  put("subscribers/V", big, sizeof big);
  all.len = 0;
  assert_int_equal(subscribers_each(s, (struct subscribers_range){ 0, 52 }, count_one, &all), 1);
  assert_string_equal(text_z(&all), "e@f ");
  assert_int_equal(subscribers_each(s, (struct subscribers_range){ 0, 21 }, 0, 0), 0);
  stralloc_free(&all);
  subscribers_close(s);
}

static void the_log_says_who_came(void **state)
{
  unlink("Log");
  struct subscribers *s = subscribers_open(&l, ".", 0);
  stralloc got = STRALLOC_ZERO;
  (void)state;
  assert_true(subscribers_add(s, field_of("j\x01\xe4 x@example.org"), &manual, -1));
  subscribers_close(s);
  assert_int_equal(list_file_read(&got, "Log", 1000), 1);
  char const *said = strchr(text_z(&got), ' ');
  assert_non_null(said);
  assert_string_equal(said, " +manual j???x@example.org Joe ??\n");
  stralloc_free(&got);
}

static void a_table_that_is_not_there_is_empty(void **state)
{
  struct subscribers *s = subscribers_open(&l, "mod", 0);
  (void)state;
  assert_false(have("mod", "a@b", 0));
  assert_int_equal(subscribers_each(s, (struct subscribers_range){ 0, 52 }, 0, 0), 0);
  subscribers_close(s);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(addresses_are_in_the_files_of_each_release),
    cmocka_unit_test(what_can_be_subscribed),
    cmocka_unit_test(who_comes_and_goes),
    cmocka_unit_test(older_releases_put_them_elsewhere),
    cmocka_unit_test(a_domain_is_all_who_are_in_it),
    cmocka_unit_test(what_is_no_address_is_left_alone),
    cmocka_unit_test(the_log_says_who_came),
    cmocka_unit_test(a_table_that_is_not_there_is_empty),
  };
  return cmocka_run_group_tests(tests, a_list, no_list);
}
