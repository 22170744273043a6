/* qmail-newu: compile users/assign into users/cdb, which qmail-lspawn asks about every local address.

   runs as   root, started by the administrator
   reads     users/assign
   changes   users/cdb, as a whole: a bad line leaves the old one as it was
   says      which lines are never used
   exits     0 done, 111 anything that kept it from that, 100 wrong usage
*/

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "assign.h"
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

enum { LOCK_SECONDS = 60 };
enum { CDB_HEAD = 2048, CDB_PER_RECORD = 24 };      /* bytes: 256 tables; two lengths and two slots */

static bool making = true;          /* or only checking */
static struct cdb_make cdb;
static uint64_t cdb_size = CDB_HEAD;
static int directory;               /* users/ */

static char input_space[65536];
static buffer input;
static char line[ASSIGN_LINE_MAX];
static size_t line_len;
static uint64_t line_number;
static struct { char list[256]; size_t count; } wildcards;      /* each once, in the order in which they come */
static struct repeats repeats = REPEATS_ZERO;

/* ---- endings ---- */

static void forget_tmp(void)
{
  int e = errno;
  if (making) unlink(TMP);
  errno = e;
}

_Noreturn static void bad_format(char const *reason)
{
  stralloc where = STRALLOC_ZERO;
  text_addu(&where, line_number);
  forget_tmp();
  strerr_dief(111, "bad format in ", ASSIGN, " line ", text_z(&where), ": ", reason);
}

_Noreturn static void cannot_write(void)
{
  forget_tmp();
  strerr_diefusys(111, "write ", TMP);
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
    forget_tmp();
    strerr_diefusys(111, "read ", ASSIGN);
  }
  if (line_len && line[0] == '.') return false;
  if (r == 0) bad_format("the file ends without a line that is a single dot");
  line_len--;
  return true;
}

/* ---- writing ---- */

/* Two at once would write into the same file. Anybody can open the directory, and hold a lock on it. */
static void only_one(void)
{
  if (lock_own_file(LOCK, LOCK_SECONDS) != -1) return;
  if (errno == EWOULDBLOCK) strerr_dief(111, LOCK, " is held by another program: fuser -v ", HOME "/" LOCK);
  strerr_diefusys(111, "lock ", LOCK);
}

static void cdb_open(void)
{
  directory = open("users", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory == -1) strerr_diefusys(111, "open ", "users");
  only_one();
  int fd = open(TMP, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd == -1) strerr_diefusys(111, "open ", TMP);
  if (cdb_make_start(&cdb, fd) == -1) cannot_write();
}

static void record_add(char const *key, size_t key_len, char const *data, size_t data_len)
{
  cdb_size += key_len + data_len + CDB_PER_RECORD;
  if (cdb_size > UINT32_MAX) bad_format("too many records, a cdb file holds 4 GiB at most");
  if (making && cdb_make_add(&cdb, key, (unsigned)key_len, data, (unsigned)data_len) == -1) cannot_write();
}

/* On disk in all its bytes, then under its name, then the name on disk: after a crash there is the old file or the
   new one. */
static void cdb_publish(void)
{
  if (cdb_make_finish(&cdb) == -1 || fsync(cdb.cdb_fd) == -1 || close(cdb.cdb_fd) == -1) cannot_write();
  if (rename(TMP, CDB) == -1) {
    forget_tmp();
    strerr_diefusys(111, "move ", TMP, " to ", CDB);
  }
  if (fsync(directory) == -1) strerr_diefusys(111, "write ", "users");
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
  umask(033);
  enter_home();
  assign_open();
  if (making) cdb_open();
  while (line_next()) line_compile();
  wildcards_compile();
  repeats_tell(&repeats, tell_repeat);
  if (making) cdb_publish();
  return 0;
}
