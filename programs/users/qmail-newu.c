/* qmail-newu: compile users/assign into users/cdb, which qmail-lspawn asks about every local address.

   runs as   root, started by the administrator
   reads     users/assign
   changes   users/cdb, as a whole: a bad line leaves the old one as it was
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
#include "lock.h"
#include "text.h"

#define USAGE "qmail-newu [ --check ]"
#define ASSIGN "users/assign"
#define CDB "users/cdb"
#define TMP "users/cdb.tmp"

enum { CDB_HEAD = 2048, CDB_PER_RECORD = 24 };      /* bytes: 256 tables; two lengths and two slots */

static bool making = true;          /* or only checking */
static struct cdb_make cdb;
static uint64_t cdb_size = CDB_HEAD;
static int directory;               /* users/, held locked while the file is made */

static char input_space[65536];
static buffer input;
static char line[ASSIGN_LINE_MAX];
static size_t line_len;
static uint64_t line_number;
static bool wildcards[256];

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

static void cdb_open(void)
{
  directory = open("users", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory == -1 || !lock_wait(directory)) strerr_diefusys(111, "lock ", "users");
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

static void line_compile(void)
{
  static stralloc key = STRALLOC_ZERO, data = STRALLOC_ZERO;
  struct assign a;
  char const *trouble = assign_parse(&a, line, line_len);
  if (trouble) bad_format(trouble);
  int last = assign_wildcard(&a);
  if (last != -1) wildcards[last] = true;
  assign_key(&key, &a);
  assign_data(&data, &a);
  record_add(key.s, key.len, data.s, data.len);
}

static void wildcards_compile(void)
{
  char set[sizeof wildcards];
  size_t len = 0;
  for (size_t c = 0; c < sizeof wildcards; c++)
    if (wildcards[c]) set[len++] = (char)c;
  record_add("", 0, set, len);
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
  if (making) cdb_publish();
  return 0;
}
