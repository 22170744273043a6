/* Who an address is: at the door no more than whether it may be refused; in full the account and the file. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cdb.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "whose.h"

#define TEXT(s) s, sizeof s - 1

static char place[] = "/tmp/mailtree-whose-XXXXXX";

static void write_file(char const *name, char const *s, size_t len)
{
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  assert_int_not_equal(fd, -1);
  assert_int_equal(write(fd, s, len), len);
  close(fd);
}

static void write_table(char const *name, char const *const (*records)[2], size_t count)
{
  struct cdb_make maker;
  int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
  cdb_make_start(&maker, fd);
  for (size_t i = 0; i < count; i++)
    cdb_make_add(&maker, records[i][0], (unsigned)strlen(records[i][0]), records[i][1], (unsigned)strlen(records[i][1]) + 1);
  cdb_make_finish(&maker);
  close(fd);
}

/* Boxes that begin with tab- are whose the table says; in the other files fastforward is not all there is to it. */
static void write_aliases(void)
{
  static char const *const table[][2] = { { ":known@", "&joe" }, { ":@virtual.example", "&joe" } };
  static struct { char const *name, *command, *more; } const files[] = {
    { "alias/.qmail-tab-default",   "fastforward -d t.cdb",       "# a table\n" },
    { "alias/.qmail-pass-default",  "fastforward -p -d t.cdb",    "" },
    { "alias/.qmail-more-default",  "fastforward -d t.cdb",       "&joe\n" },
    { "alias/.qmail-none-default",  "fastforward -d none.cdb",    "" },
    { "alias/.qmail-other-default", "other/fastforward -d t.cdb", "" },
  };
  char text[200];
  mkdir("bin/other", 0755);
  write_file("bin/fastforward", TEXT("this is mailtree's fastforward" "\0"));
  write_file("bin/other/fastforward", TEXT("somebody's fastforward"));
  write_table("alias/t.cdb", table, 2);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    int len = snprintf(text, sizeof text, "|%s/bin/%s\n%s", place, files[i].command, files[i].more);
    write_file(files[i].name, text, (size_t)len);
  }
}

/* users/assign: info and club- are joe's, gone- has a home that is not there, root- would be root. The homes stand in
   the working directory, so their names are relative. */
static void write_users(void)
{
  static struct { char const *key; size_t key_len; char const *data; size_t data_len; } const records[] = {
    { TEXT("!info\0"), TEXT("joe\0" "1001\0" "100\0" "joe\0\0\0") },
    { TEXT("!club-"), TEXT("joe\0" "1001\0" "100\0" "joe\0-\0sub-") },
    { TEXT("!gone-"), TEXT("joe\0" "1001\0" "100\0" "away\0-\0") },
    { TEXT("!root-"), TEXT("root\0" "0\0" "0\0" "joe\0-\0") },
    { TEXT(""), TEXT("-") }
  };
  struct cdb_make maker;
  int fd = open("users/cdb", O_RDWR | O_CREAT | O_TRUNC, 0600);
  cdb_make_start(&maker, fd);
  for (size_t i = 0; i < sizeof records / sizeof *records; i++)
    cdb_make_add(&maker, records[i].key, (unsigned)records[i].key_len, records[i].data, (unsigned)records[i].data_len);
  cdb_make_finish(&maker);
  close(fd);
}

/* ann has an account of her own, trouble nobody can look for; all else is alias's. */
static char const getpw[] =
  "#!/bin/sh\n"
  "case $1 in\n"
  "  ann) printf 'ann\\0001002\\000100\\000ann\\000\\000\\000';;\n"
  "  ann-*) printf 'ann\\0001002\\000100\\000ann\\000-\\000%s\\000' ${1#ann-};;\n"
  "  trouble) exit 115;;\n"
  "  *) printf 'alias\\000100\\000100\\000alias\\000-\\000%s\\000' $1;;\n"
  "esac\n";

static int build(void **state)
{
  static char const *const directories[] = { "bin", "control", "users", "alias", "joe", "ann" };
  (void)state;
  if (!mkdtemp(place) || chdir(place) == -1) return -1;
  for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) mkdir(directories[i], 0755);
  write_users();
  write_file("control/locals", TEXT("here.example\n"));
  write_file("control/virtualdomains", TEXT("virtual.example:club\n"));
  write_file("bin/qmail-getpw", TEXT(getpw));
  write_file("bin/qmail-local", TEXT("this is mailtree's qmail-local"  "\0"));
  write_file("alias/.qmail-news", TEXT("&joe\n# nobody keeps it\nann@here.example\n"));
  write_file("joe/.qmail", TEXT("./Maildir/\n"));
  write_file("joe/.qmail-sub-kept", TEXT("&ann\n./Maildir/\n"));
  write_file("joe/.qmail-sub-run", TEXT("&ann\n|program\n"));
  write_file("joe/.qmail-sub-default", TEXT("&ann\n"));
  write_file("joe/.qmail-sub-empty", "", 0);
  write_file("ann/.profile", "", 0);
  write_aliases();
  return 0;
}

static int remove_all(void **state)
{
  char command[sizeof place + 16];
  (void)state;
  snprintf(command, sizeof command, "rm -rf %s", place);
  return chdir("/") == -1 || system(command) != 0;
}

static struct {
  char const *address;
  enum whose_kind at_the_door, in_full;
  char const *source, *user, *file;     /* in full */
} const cases[] = {
  { "info@here.example",     WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "users/assign", "joe",   ".qmail" },
  { "INFO@Here.example",     WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "users/assign", "joe",   ".qmail" },
  { "club-kept@here.example", WHOSE_ACCOUNT,    WHOSE_ACCOUNT,     "users/assign", "joe",   ".qmail-sub-kept" },
  { "club-run@here.example", WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "users/assign", "joe",   ".qmail-sub-run" },
  { "club-empty@here.example", WHOSE_ACCOUNT,   WHOSE_ACCOUNT,     "users/assign", "joe",   ".qmail-sub-empty" },
  { "club-x@here.example",   WHOSE_ACCOUNT,     WHOSE_FORWARD,     "users/assign", "joe",   ".qmail-sub-default" },
  { "x@virtual.example",     WHOSE_ACCOUNT,     WHOSE_FORWARD,     "users/assign", "joe",   ".qmail-sub-default" },
  { "gone-x@here.example",   WHOSE_UNKNOWN_NOW, WHOSE_UNKNOWN_NOW, "users/assign", "joe",   "" },
  { "root-x@here.example",   WHOSE_MAY_BE,      WHOSE_MAY_BE,      "users/assign", "root",  "" },
  { "ann@here.example",      WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "qmail-getpw",  "ann",   "" },
  { "ann-x@here.example",    WHOSE_NOBODY,      WHOSE_NOBODY,      "qmail-getpw",  "ann",   "" },
  { "news@here.example",     WHOSE_MAY_BE,      WHOSE_FORWARD,     "qmail-getpw",  "alias", ".qmail-news" },
  { "nobody@here.example",   WHOSE_NOBODY,      WHOSE_NOBODY,      "qmail-getpw",  "alias", "" },
  { "tab-known@here.example", WHOSE_ACCOUNT,    WHOSE_ACCOUNT,     "qmail-getpw",  "alias", ".qmail-tab-default" },
  { "tab-KNOWN@here.example", WHOSE_ACCOUNT,    WHOSE_ACCOUNT,     "qmail-getpw",  "alias", ".qmail-tab-default" },
  { "tab-x@here.example",    WHOSE_NOBODY,      WHOSE_NOBODY,      "qmail-getpw",  "alias", ".qmail-tab-default" },
  { "pass-x@here.example",   WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "qmail-getpw",  "alias", ".qmail-pass-default" },
  { "more-x@here.example",   WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "qmail-getpw",  "alias", ".qmail-more-default" },
  { "none-x@here.example",   WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "qmail-getpw",  "alias", ".qmail-none-default" },
  { "other-x@here.example",  WHOSE_ACCOUNT,     WHOSE_ACCOUNT,     "qmail-getpw",  "alias", ".qmail-other-default" },
  { "trouble@here.example",  WHOSE_UNKNOWN_NOW, WHOSE_UNKNOWN_NOW, "qmail-getpw",  0,       "" },
  { "x@far.example",         WHOSE_ELSEWHERE,   WHOSE_ELSEWHERE,   0,              0,       "" },
  { "@here.example",         WHOSE_MAY_BE,      WHOSE_MAY_BE,      0,              0,       "" },
};

static void who_it_is(void **state)
{
  static struct whose w = WHOSE_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t len = strlen(cases[i].address);
    assert_int_equal(whose_ask(&w, cases[i].address, len, WHOSE_AT_THE_DOOR), cases[i].at_the_door);
    assert_int_equal(w.file.len, 0);
    assert_int_equal(whose_ask(&w, cases[i].address, len, WHOSE_IN_FULL), cases[i].in_full);
    assert_int_equal(w.kind, cases[i].in_full);
    if (!cases[i].source) assert_null(w.source);
    else assert_string_equal(w.source, cases[i].source);
    if (cases[i].user) assert_string_equal(w.user.name.s, cases[i].user);
    assert_int_equal(w.file.len, strlen(cases[i].file));
    if (w.file.len) assert_string_equal(w.file.s, cases[i].file);
  }
}

/* A site's own program may find a mailbox where ours would not. */
static void another_program_is_no_proof(void **state)
{
  static struct whose w = WHOSE_ZERO;
  static char const address[] = "nobody@here.example";
  (void)state;
  write_file("bin/qmail-local", TEXT("somebody's qmail-local"));
  assert_int_equal(whose_ask(&w, TEXT(address), WHOSE_IN_FULL), WHOSE_MAY_BE);
  assert_int_equal(whose_ask(&w, TEXT(address), WHOSE_AT_THE_DOOR), WHOSE_MAY_BE);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(who_it_is), cmocka_unit_test(another_program_is_no_proof) };
  return cmocka_run_group_tests(tests, build, remove_all);
}
