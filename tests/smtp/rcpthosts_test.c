/* For whom mail is taken: control/rcpthosts, then control/morercpthosts.cdb. */

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

#include "rcpthosts.h"

static struct rcpthosts hosts;
static char place[] = "/tmp/smtp-rcpthosts-XXXXXX";

static void cdb_of(char const *const *keys)
{
  static struct cdb_make maker;
  int fd = open("control/morercpthosts.cdb", O_RDWR | O_CREAT | O_TRUNC, 0600);
  assert_int_equal(cdb_make_start(&maker, fd), 0);
  for (; *keys; keys++) assert_int_equal(cdb_make_add(&maker, *keys, (unsigned)strlen(*keys), "", 0), 0);
  assert_int_equal(cdb_make_finish(&maker), 0);
  close(fd);
}

static int set_up(void **state)
{
  static char const names[] = "Listed.example\n.below.example\n";
  static char const *const more[] = { "more.example", ".under.example", 0 };
  (void)state;
  if (!mkdtemp(place) || chdir(place) || mkdir("control", 0700)) return -1;
  cdb_of(more);
  return nameset_list(&hosts.names, names, sizeof names - 1) && rcpthosts_open_more(&hosts) ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  nameset_free(&hosts.names);
  cdb_free(&hosts.more);
  unlink("control/morercpthosts.cdb");
  rmdir("control");
  return rmdir(place);
}

static struct { char const *address; int taken; } const cases[] = {
  { "", 1 },
  { "postmaster", 1 },
  { "a@", 0 },
  { "@", 0 },
  { "a@listed.EXAMPLE", 1 },
  { "a@x.listed.example", 0 },
  { "a@listed.example.", 0 },
  { "a@listed.exampl", 0 },
  { "a@xlisted.example", 0 },
  { "a@below.example", 0 },
  { "a@.below.example", 1 },
  { "a@x.below.example", 1 },
  { "a@x.y.Below.example", 1 },
  { "a@More.Example", 1 },
  { "a@x.more.example", 0 },
  { "a@x.UNDER.example", 1 },
  { "a@under.example", 0 },
  { "a@listed.example@evil.example", 0 },
  { "a%evil.example@listed.example", 1 },
};

static void decisions(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(rcpthosts_takes(&hosts, cases[i].address, strlen(cases[i].address)), cases[i].taken);
}

static void longest_domain(void **state)
{
  char address[899];
  (void)state;
  memset(address, '.', sizeof address);
  memcpy(address, "a@x", 3);
  assert_int_equal(rcpthosts_takes(&hosts, address, sizeof address), 0);
}

static void without_database(void **state)
{
  struct rcpthosts none = { .names = NAMESET_ZERO };
  (void)state;
  assert_int_equal(rename("control/morercpthosts.cdb", "control/away"), 0);
  assert_true(rcpthosts_open_more(&none));
  assert_false(none.has_more);
  assert_int_equal(rcpthosts_takes(&none, "a@more.example", 14), 0);
  assert_int_equal(rename("control/away", "control/morercpthosts.cdb"), 0);
}

/* A database cut short is trouble, not a refusal. */
static void broken_database(void **state)
{
  struct rcpthosts broken = { .names = NAMESET_ZERO };
  (void)state;
  assert_int_equal(rename("control/morercpthosts.cdb", "control/away"), 0);
  int fd = open("control/morercpthosts.cdb", O_WRONLY | O_CREAT | O_EXCL, 0600);
  char bytes[2048];
  memset(bytes, 0x7f, sizeof bytes);
  assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
  close(fd);
  assert_true(rcpthosts_open_more(&broken));
  assert_int_equal(rcpthosts_takes(&broken, "a@more.example", 14), -1);
  cdb_free(&broken.more);
  assert_int_equal(truncate("control/morercpthosts.cdb", 0), 0);
  assert_false(rcpthosts_open_more(&broken));
  assert_int_equal(rename("control/away", "control/morercpthosts.cdb"), 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(decisions), cmocka_unit_test(longest_domain), cmocka_unit_test(without_database),
    cmocka_unit_test(broken_database),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
