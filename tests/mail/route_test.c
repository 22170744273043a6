#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "nameset_cdb.h"
#include "route.h"
#include "utf8.h"

static char const locals[] = "local\nLocal.Example\nhack\n";
static char const percenthack[] = "hack\nfar\n";
static char const virtualdomains[] =
  "virtual:v\n"
  "exact@virtual:x-y\n"
  "other@local:never\n"
  ".wild:w\n"
  "no.wild:\n"
  ".deep.wild:d\n"
  "twice:first\n"
  "# comment:no\n"
  "TWICE:second \t\n"
  "no colon\n"
  "envhost:e\n";

static struct { char const *recipient; int channel; char const *address; } const cases[] = {
  { "", CHANNEL_LOCAL, "e-@envhost" },
  { "joe", CHANNEL_LOCAL, "e-joe@envhost" },
  { "@", CHANNEL_REMOTE, "@" },
  { "joe@", CHANNEL_REMOTE, "joe@" },
  { "joe@local", CHANNEL_LOCAL, "joe@local" },
  { "Joe@LOCAL.example", CHANNEL_LOCAL, "Joe@LOCAL.example" },
  { "joe@sub.local", CHANNEL_REMOTE, "joe@sub.local" },
  { "other@local", CHANNEL_LOCAL, "other@local" },
  { "a@b@local", CHANNEL_LOCAL, "a@b@local" },
  { "joe@local@far.away", CHANNEL_REMOTE, "joe@local@far.away" },
  { "joe@virtual", CHANNEL_LOCAL, "v-joe@virtual" },
  { "joe@\xef\xbd\x8c" "ocal", CHANNEL_LOCAL, "joe@local" },
  { "jose\xcc\x81@\xef\xbd\x96irtual", CHANNEL_LOCAL, "v-jos\xc3\xa9@virtual" },
  { "e\xcc\x81@b\xc3\xbc" "cher.example", CHANNEL_REMOTE, "e\xcc\x81@xn--bcher-kva.example" },
  { "joe@b\xc3\xbc..example", CHANNEL_REMOTE, "joe@b\xc3\xbc..example" },
  { "joe@b\xfc.example", CHANNEL_REMOTE, "joe@b\xfc.example" },
  { "Joe@Virtual", CHANNEL_LOCAL, "v-Joe@Virtual" },
  { "@virtual", CHANNEL_LOCAL, "v-@virtual" },
  { "EXACT@virtual", CHANNEL_LOCAL, "x-y-EXACT@virtual" },
  { "joe@wild", CHANNEL_REMOTE, "joe@wild" },
  { "joe@a.wild", CHANNEL_LOCAL, "w-joe@a.wild" },
  { "joe@a.deep.wild", CHANNEL_LOCAL, "d-joe@a.deep.wild" },
  { "joe@deep.wild", CHANNEL_LOCAL, "w-joe@deep.wild" },
  { "joe@no.wild", CHANNEL_REMOTE, "joe@no.wild" },
  { "joe@x.no.wild", CHANNEL_LOCAL, "w-joe@x.no.wild" },
  { "joe%virtual@hack", CHANNEL_LOCAL, "v-joe@virtual" },
  { "joe%local@HACK", CHANNEL_LOCAL, "joe@local" },
  { "joe%else@hack", CHANNEL_REMOTE, "joe@else" },
  { "joe%local%hack%far@hack", CHANNEL_LOCAL, "joe@local" },
  { "joe%local@local", CHANNEL_LOCAL, "joe%local@local" },
  { "%@hack", CHANNEL_REMOTE, "@" },
  { "joe@hack", CHANNEL_LOCAL, "joe@hack" },
  { "joe%local", CHANNEL_LOCAL, "e-joe%local@envhost" },
  { "joe@twice", CHANNEL_LOCAL, "second-joe@twice" }
};

/* What stands before the user, but where one address alone has its own line. */
static void check_prefix(struct route_table const *table, char const *recipient, stralloc const *address)
{
  size_t prefix = route_prefix(table, address->s, address->len), user = strcspn(recipient, "%@");
  if (!utf8_is_ascii(recipient, user)) return;
  if (!strcasecmp(recipient, "exact@virtual")) assert_int_equal(prefix, 0);
  else assert_memory_equal(address->s + prefix, recipient, user);
}

static void check_cases(struct route_table const *table)
{
  stralloc address = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int channel = route(table, &address, cases[i].recipient, strlen(cases[i].recipient));
    if (channel != cases[i].channel || address.len != strlen(cases[i].address)
        || memcmp(address.s, cases[i].address, address.len))
      fail_msg("%s: %d %.*s", cases[i].recipient, channel, (int)address.len, address.s);
    check_prefix(table, cases[i].recipient, &address);
  }
  stralloc_free(&address);
}

/* By the map, or by the text that it is made of. */
static void check_every_recipient(bool by_map)
{
  struct route_table table = { .envnoathost = STRALLOC_ZERO, .locals = NAMESET_ZERO, .percenthack = NAMESET_ZERO,
                               .virtualdomains = NAMESET_ZERO };
  assert_true(bytes_set(&table.envnoathost, "envhost"));
  assert_true(nameset_list(&table.locals, locals, sizeof locals - 1));
  assert_true(nameset_list(&table.percenthack, percenthack, sizeof percenthack - 1));
  assert_true(bytes_setb(&table.virtualdomains.text, virtualdomains, sizeof virtualdomains - 1));
  table.virtualdomains.is_raw = true;
  if (by_map) assert_true(route_make_map(&table));
  check_cases(&table);
  route_free(&table);
}

static void every_recipient_goes_its_way(void **state)
{
  (void)state;
  check_every_recipient(true);
  check_every_recipient(false);
}

static void put(char const *path, char const *text)
{
  FILE *file = fopen(path, "w");
  assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* The same files on disk, virtualdomains with a comment that makes it large. */
static void put_files(void)
{
  FILE *file = fopen("control/virtualdomains", "w");
  assert_true(file && fprintf(file, "#%*s\n%s", NAMESET_CDB_MIN, "", virtualdomains) > 0 && fclose(file) == 0);
  put("control/locals", locals);
  put("control/percenthack", percenthack);
  put("control/envnoathost", "envhost\n");
}

static void by_a_cdb_as_by_the_text(void **state)
{
  char place[] = "/tmp/route-XXXXXX";
  struct route_table table = { .envnoathost = STRALLOC_ZERO };
  char const *culprit, *doing, *what;
  (void)state;
  assert_true(mkdtemp(place) && chdir(place) == 0 && mkdir("control", 0755) == 0);
  put_files();
  for (int is_made = 0; is_made < 2; is_made++) {
    assert_true(route_load_text(&table, &culprit) && (table.virtualdomains.cdb != 0) == is_made);
    check_cases(&table);
    assert_true(route_make_map(&table) && (table.virtualdomains.cdb != 0) == is_made);
    check_cases(&table);
    assert_true(route_load(&table, &culprit) && (table.virtualdomains.cdb != 0) == is_made);
    check_cases(&table);
    assert_int_equal(nameset_cdb_make("control/virtualdomains", true, &doing, &what), is_made ? NAMESET_CDB_FRESH : NAMESET_CDB_MADE);
  }
  route_free(&table);
  assert_true(chdir("/") == 0 && rm_rf(place) == 0);
}

static void the_empty_name_is_for_the_rest(void **state)
{
  (void)state;
  struct route_table table = { .envnoathost = STRALLOC_ZERO, .locals = NAMESET_ZERO, .percenthack = NAMESET_ZERO,
                               .virtualdomains = NAMESET_ZERO };
  stralloc address = STRALLOC_ZERO;
  assert_true(nameset_map(&table.virtualdomains, ":all\nnot:\n", 10));
  assert_int_equal(route(&table, &address, "a@b", 3), CHANNEL_LOCAL);
  assert_int_equal(address.len, 7);
  assert_memory_equal(address.s, "all-a@b", 7);
  assert_int_equal(route(&table, &address, "a@not", 5), CHANNEL_REMOTE);
  stralloc_free(&address);
  route_free(&table);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(every_recipient_goes_its_way), cmocka_unit_test(the_empty_name_is_for_the_rest),
    cmocka_unit_test(by_a_cdb_as_by_the_text)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
