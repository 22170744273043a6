/* A large control file and the cdb beside it: they say the same, and a cdb of another text says nothing. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "control.h"
#include "nameset_cdb.h"

static char place[32];

static int enter(void **state)
{
  (void)state;
  strcpy(place, "/tmp/names-XXXXXX");
  return !mkdtemp(place) || chdir(place) == -1 || mkdir("control", 0755) == -1;
}

static int leave(void **state)
{
  (void)state;
  return chdir("/") == -1 || rm_rf(place) == -1;
}

static void put(char const *path, char const *s, size_t len)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  assert_true(fd != -1 && write(fd, s, len) == (ssize_t)len);
  close(fd);
}

static enum nameset_cdb_made make(void)
{
  char const *doing, *what;
  return nameset_cdb_make("control/x", true, &doing, &what);
}

static bool opens(bool is_map)
{
  struct stat st;
  struct nameset set;
  assert_int_equal(stat("control/x", &st), 0);
  bool does = nameset_cdb_open(&set, "control/x", &st, is_map);
  if (does) nameset_free(&set);
  return does;
}

/* Lines of few names of few letters, so that they meet; a long comment makes the text large. */
static void generate(stralloc *text, unsigned seed)
{
  static char const letters[] = "aAbB.:# \t@";
  srand(seed);
  text->len = 0;
  assert_true(bytes_add(text, "#"));
  while (text->len < NAMESET_CDB_MIN) assert_true(bytes_addc(text, 'x'));
  for (int i = 0; i < 400; i++) {
    assert_true(bytes_addc(text, '\n'));
    for (int n = rand() % 7; n > 0; n--) assert_true(bytes_addc(text, letters[rand() % (int)(sizeof letters - 1)]));
  }
}

static void compare(struct nameset const *by_text, struct nameset const *by_cdb, char const *name, size_t len)
{
  struct field a, b;
  int found = nameset_find(by_text, name, len, &a);
  assert_int_equal(nameset_find(by_cdb, name, len, &b), found);
  if (found) assert_true(a.len == b.len && !memcmp(a.s, b.s, a.len));
  found = nameset_find_domain(by_text, name, len, &a);
  assert_int_equal(nameset_find_domain(by_cdb, name, len, &b), found);
  if (found) assert_true(a.len == b.len && !memcmp(a.s, b.s, a.len));
}

static void compare_all(struct nameset const *by_text, struct nameset const *by_cdb, stralloc const *text)
{
  for (size_t at = NAMESET_CDB_MIN; at < text->len; at++)
    for (size_t len = 0; len < 5 && at + len <= text->len; len++) compare(by_text, by_cdb, text->s + at, len);
}

static void text_and_cdb_say_the_same(void **state)
{
  stralloc text = STRALLOC_ZERO;
  char const *doing, *what;
  (void)state;
  for (unsigned seed = 1; seed <= 6; seed++) {
    bool is_map = seed % 2;
    struct nameset by_text = NAMESET_ZERO, by_cdb = NAMESET_ZERO;
    char const *culprit;
    generate(&text, seed);
    put("control/x", text.s, text.len);
    assert_int_equal(nameset_cdb_make("control/x", is_map, &doing, &what), NAMESET_CDB_MADE);
    assert_int_equal(nameset_cdb_look("control/x", is_map), NAMESET_CDB_GOOD);
    assert_true((is_map ? nameset_map : nameset_list)(&by_text, text.s, text.len));
    struct control const rows[] = { { "x", is_map ? CONTROL_MAP : CONTROL_NAMES, &by_cdb, 0 }, { 0 } };
    assert_true(control_load(rows, &culprit) && by_cdb.cdb && by_cdb.is_mapped);
    compare_all(&by_text, &by_cdb, &text);
    assert_true(nameset_cdb_keep(&by_cdb) && by_cdb.cdb && !by_cdb.is_mapped);
    compare_all(&by_text, &by_cdb, &text);
    nameset_free(&by_text);
    nameset_free(&by_cdb);
  }
  stralloc_free(&text);
}

/* ---- which text it is of ---- */

static void begin(stralloc *text)
{
  text->len = 0;
  while (text->len < NAMESET_CDB_MIN) assert_true(bytes_add(text, "a.example:one\nb.example:two\n"));
  put("control/x", text->s, text->len);
  assert_int_equal(make(), NAMESET_CDB_MADE);
  assert_true(opens(true));
  assert_int_equal(make(), NAMESET_CDB_FRESH);
}

static void add_a_line(stralloc *text)
{
  assert_true(bytes_add(text, "c.example:three\n"));
  put("control/x", text->s, text->len);
}

/* As many bytes, and the time set back. */
static void change_a_byte(stralloc *text)
{
  struct stat st;
  assert_int_equal(stat("control/x", &st), 0);
  text->s[0] = 'z';
  put("control/x", text->s, text->len);
  struct timespec const times[] = { st.st_atim, st.st_mtim };
  assert_int_equal(utimensat(AT_FDCWD, "control/x", times, 0), 0);
}

static void put_another_in_its_place(stralloc *text)
{
  struct stat st;
  assert_int_equal(stat("control/x", &st), 0);
  text->s[0] = 'z';
  put("control/y", text->s, text->len);
  struct timespec const times[] = { st.st_atim, st.st_mtim };
  assert_int_equal(utimensat(AT_FDCWD, "control/y", times, 0), 0);
  assert_int_equal(rename("control/y", "control/x"), 0);
}

static void take_the_cdb_of_another(stralloc *text)
{
  change_a_byte(text);
  assert_int_equal(rename("control/x.cdb", "control/old"), 0);
  assert_int_equal(make(), NAMESET_CDB_MADE);
  assert_int_equal(rename("control/old", "control/x.cdb"), 0);
}

static void cut_the_cdb(stralloc *text)
{
  (void)text;
  assert_int_equal(truncate("control/x.cdb", 2047), 0);
}

static void empty_the_cdb(stralloc *text)
{
  (void)text;
  assert_int_equal(truncate("control/x.cdb", 0), 0);
}

static void a_cdb_of_another_text_is_none(void **state)
{
  static void (*const changes[])(stralloc *) = {
    add_a_line, change_a_byte, put_another_in_its_place, take_the_cdb_of_another, cut_the_cdb, empty_the_cdb
  };
  stralloc text = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    begin(&text);
    assert_false(opens(false));
    changes[i](&text);
    assert_false(opens(true));
    assert_int_equal(nameset_cdb_look("control/x", true), NAMESET_CDB_OTHER);
    assert_int_equal(make(), NAMESET_CDB_MADE);
    assert_true(opens(true));
    assert_int_equal(unlink("control/x.cdb"), 0);
  }
  stralloc_free(&text);
}

static void the_bound(void **state)
{
  stralloc text = STRALLOC_ZERO;
  (void)state;
  begin(&text);
  put("control/x", text.s, NAMESET_CDB_MIN - 1);
  assert_false(opens(true));
  assert_int_equal(nameset_cdb_look("control/x", true), NAMESET_CDB_OTHER);
  assert_int_equal(make(), NAMESET_CDB_NEEDLESS);
  assert_int_equal(access("control/x.cdb", F_OK), -1);
  assert_int_equal(nameset_cdb_look("control/x", true), NAMESET_CDB_NONE);
  put("control/x", text.s, NAMESET_CDB_MIN);
  assert_int_equal(nameset_cdb_look("control/x", true), NAMESET_CDB_MISSING);
  assert_int_equal(make(), NAMESET_CDB_MADE);
  assert_int_equal(unlink("control/x"), 0);
  assert_int_equal(make(), NAMESET_CDB_NEEDLESS);
  stralloc_free(&text);
}

/* A name that no question can be about by the cdb leaves all to the text. */
static void a_name_that_is_too_long(void **state)
{
  stralloc text = STRALLOC_ZERO;
  (void)state;
  for (size_t len = NAMESET_CDB_NAME_MAX - 1; len <= NAMESET_CDB_NAME_MAX + 1; len++) {
    begin(&text);
    for (size_t i = 0; i < len; i++) assert_true(bytes_addc(&text, 'n'));
    assert_true(bytes_add(&text, ":x\n"));
    put("control/x", text.s, text.len);
    assert_int_equal(make(), len <= NAMESET_CDB_NAME_MAX ? NAMESET_CDB_MADE : NAMESET_CDB_UNFIT);
    assert_int_equal(opens(true), len <= NAMESET_CDB_NAME_MAX);
    put("control/x", "", 0);
    assert_int_equal(make(), NAMESET_CDB_NEEDLESS);
  }
  stralloc_free(&text);
}

/* It is no answer, and found by who looks through all of it. */
static void a_damaged_one_says_nothing(void **state)
{
  stralloc text = STRALLOC_ZERO;
  struct nameset set;
  struct stat st;
  struct field value;
  (void)state;
  begin(&text);
  assert_int_equal(stat("control/x", &st), 0);
  assert_true(nameset_cdb_open(&set, "control/x", &st, true));
  size_t slots = set.cdb_len - 8;       /* the last slots are those of some name */
  int fd = open("control/x.cdb", O_RDWR);
  for (size_t at = slots - 40; at <= slots; at += 8) assert_int_equal(pwrite(fd, "\xff\xff\xff\x7f", 4, (off_t)at + 4), 4);
  close(fd);
  int a = nameset_find(&set, "a.example", 9, &value), b = nameset_find(&set, "b.example", 9, &value);
  assert_true(a == -1 || b == -1);
  assert_false(nameset_cdb_is_sound(&set));
  assert_true(nameset_cdb_keep(&set));
  assert_int_equal(nameset_find(&set, a == -1 ? "a.example" : "b.example", 9, &value), -1);
  nameset_free(&set);
  assert_int_equal(nameset_cdb_look("control/x", true), NAMESET_CDB_OTHER);
  stralloc_free(&text);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup_teardown(text_and_cdb_say_the_same, enter, leave),
    cmocka_unit_test_setup_teardown(a_cdb_of_another_text_is_none, enter, leave),
    cmocka_unit_test_setup_teardown(the_bound, enter, leave),
    cmocka_unit_test_setup_teardown(a_name_that_is_too_long, enter, leave),
    cmocka_unit_test_setup_teardown(a_damaged_one_says_nothing, enter, leave)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
