/* qmail-newu: compile users/assign into users/cdb, which qmail-lspawn asks about every local address.

   runs as   root, started by the administrator
   reads     users/assign
   changes   users/cdb, as a whole: a bad line leaves the old one as it was
   says      which lines are never used
   exits     0 done, 111 anything that kept it from that, 100 wrong usage
*/

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "assign.h"
#include "cdb_file.h"
#include "die.h"
#include "home.h"
#include "lock.h"
#include "repeats.h"
#include "text.h"

#define USAGE "qmail-newu [ --check ]"
#define ASSIGN "users/assign"
#define CDB "users/cdb"
#define TMP "users/cdb.tmp"
#define LOCK "users/.lock"

static bool making = true;          /* or only checking */
static struct cdb_file cdb = CDB_FILE_ZERO;

static char input_space[65536];
static buffer input;
static char line[ASSIGN_LINE_MAX];
static size_t line_len;
static uint64_t line_number;
static struct { char list[256]; size_t count; } wildcards;      /* each once, in the order in which they come */
static struct repeats repeats = REPEATS_ZERO;

/* ---- endings ---- */

_Noreturn static void bad_format(char const *reason)
{
  stralloc where = STRALLOC_ZERO;
  text_addu(&where, line_number);
  cdb_file_forget(&cdb);
  strerr_dief(111, "bad format in ", ASSIGN, " line ", text_z(&where), ": ", reason);
}

/* ---- reading ---- */

static void assign_open(void)
{
  int fd = open(ASSIGN, O_RDONLY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(111, "open ", ASSIGN);
  buffer_init(&input, &buffer_read, fd, input_space, sizeof input_space);
}

/* Gets the next line, its newline cut. False when it was the one that ends the file: a dot, whatever follows it. */
static bool line_next(void)
{
  line_len = 0;
  line_number++;
  ssize_t r = getlnmax(&input, line, sizeof line, &line_len, '\n');
  if (r == -1 && errno == ERANGE) bad_format("it is longer than 65535 bytes");
  if (r == -1) {
    cdb_file_forget(&cdb);
    strerr_diefusys(111, "read ", ASSIGN);
  }
  if (line_len && line[0] == '.') return false;
  if (r == 0) bad_format("the file ends without a line that is a single dot");
  line_len--;
  return true;
}

/* ---- writing ---- */

static void forget(void)
{
  cdb_file_forget(&cdb);
}

static void cdb_open(void)
{
  die_nomem_first = forget;
  if (!cdb_file_begin(&cdb, CDB, TMP, 0644)) replace_die(&cdb.file);
}

static void record_add(char const *key, size_t key_len, char const *data, size_t data_len)
{
  if (making ? cdb_file_add(&cdb, key, key_len, data, data_len) : cdb_file_count(&cdb, key_len, data_len)) return;
  if (!making || errno == EOVERFLOW) bad_format("too many records, a cdb file holds 4 GiB at most");
  replace_die(&cdb.file);
}

/* ---- from the one to the other ---- */

static void wildcard_add(int last)
{
  if (last == -1 || (wildcards.count && memchr(wildcards.list, last, wildcards.count))) return;
  wildcards.list[wildcards.count++] = (char)last;
}

/* "joe@host@host" could match it. */
static void doubt_host(struct assign const *a)
{
  char here[UINT64_FMT + 1];
  if (!a->local.len || !memchr(a->local.s, '@', a->local.len)) return;
  here[uint64_fmt(here, line_number)] = 0;
  strerr_warnw(ASSIGN, " line ", here, " matches hardly anything: of an address only what is before the @ is looked up");
}

static void line_compile(void)
{
  static stralloc key = STRALLOC_ZERO, data = STRALLOC_ZERO;
  struct assign a;
  char const *trouble = assign_parse(&a, line, line_len);
  if (trouble) bad_format(trouble);
  doubt_host(&a);
  wildcard_add(assign_wildcard(&a));
  assign_key(&key, &a);
  assign_data(&data, &a);
  if (!repeats_add(&repeats, key.s, key.len, line_number)) die_nomem();
  record_add(key.s, key.len, data.s, data.len);
}

static void wildcards_compile(void)
{
  record_add("", 0, wildcards.list, wildcards.count);
}

static void tell_repeat(uint64_t number, uint64_t first)
{
  char here[UINT64_FMT + 1], there[UINT64_FMT + 1];
  here[uint64_fmt(here, number)] = there[uint64_fmt(there, first)] = 0;
  strerr_warnw(ASSIGN, " line ", here, " is never used: line ", there, " has the same address");
}

static void options(int argc, char const *const *argv)
{
  if (argc == 1) return;
  if (argc != 2 || strcmp(argv[1], "--check") != 0) strerr_dieusage(100, USAGE);
  making = false;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-newu";
  options(argc, argv);
  enter_home();
  if (making) lock_own_file_or_die(LOCK);
  assign_open();
  if (making) cdb_open();
  while (line_next()) line_compile();
  wildcards_compile();
  repeats_tell(&repeats, tell_repeat);
  if (making && !cdb_file_commit(&cdb)) replace_die(&cdb.file);
  return 0;
}
