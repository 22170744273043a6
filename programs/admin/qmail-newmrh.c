/* qmail-newmrh: make control/morercpthosts.cdb from control/morercpthosts.

   runs as   root, called by the administrator
   reads     control/morercpthosts
   changes   control/morercpthosts.cdb, by way of control/morercpthosts.tmp and a rename
   exits     0 done, 100 when it was given arguments, 111 when anything failed; the old database is then still in force
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cdb.h>
#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/skamisc.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "die.h"
#include "home.h"
#include "lock.h"

#define USAGE "qmail-newmrh"
#define DIRECTORY "control"
#define SOURCE "control/morercpthosts"
#define TEMPORARY "control/morercpthosts.tmp"
#define LOCK "control/.lock"
#define DATABASE "control/morercpthosts.cdb"

enum { LOCK_SECONDS = 60 };

/* Two at once would write into the same temporary file. The lock ends with the process; anybody can open the
   directory, and hold a lock on that. */
static void only_one(void)
{
  if (lock_own_file(LOCK, LOCK_SECONDS) != -1) return;
  if (errno == EWOULDBLOCK) strerr_dief(111, LOCK, " is held by another program: fuser -v ", HOME "/" LOCK);
  strerr_diefusys(111, "lock ", LOCK);
}

static int open_directory(void)
{
  int fd = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(111, "open ", DIRECTORY);
  only_one();
  return fd;
}

static int open_temporary(void)
{
  umask(033);
  int fd = open(TEMPORARY, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd == -1) strerr_diefusys(111, "create ", TEMPORARY);
  return fd;
}

/* The domain in a line of the source: lower case, no blanks behind it; empty for lines that say nothing. */
static void clean(stralloc *line)
{
  while (line->len && byte_chr(" \t\n", 3, line->s[line->len - 1]) < 3) line->len--;
  if (line->len && line->s[0] == '#') line->len = 0;
  case_lowerb(line->s, line->len);
}

static bool holds(stralloc const *line, char c)
{
  return memchr(line->s, c, line->len) != 0;
}

/* Why no recipient's domain can be this, or null. */
static char const *why_useless(stralloc const *line)
{
  if (line->len >= 3 && !memcmp(line->s, "\xef\xbb\xbf", 3)) return "it begins with a byte order mark";
  if (line->s[0] == ' ' || line->s[0] == '\t') return "a blank stands in front of it";
  if (holds(line, '\r')) return "it ends with a carriage return; lines end with LF alone";
  if (holds(line, ' ') || holds(line, '\t')) return "one domain to a line, and no comment behind it";
  if (holds(line, 0)) return "it holds a NUL";
  if (holds(line, '@')) return "domains only: an address matches nothing here";
  if (holds(line, '*')) return "there are no stars: .example.org stands for all names below it";
  return 0;
}

_Noreturn static void refuse(uint64_t number, char const *why)
{
  char digits[UINT64_FMT + 1];
  digits[uint64_fmt(digits, number)] = 0;
  unlink(TEMPORARY);
  strerr_dief(111, "bad format in ", SOURCE, " line ", digits, ": ", why);
}

static void add(struct cdb_make *to, stralloc const *domain)
{
  if (cdb_make_add(to, domain->s, (unsigned)domain->len, "", 0) == -1) strerr_diefusys(111, "write ", TEMPORARY);
}

/* Not newline-terminated text at the end of the file is a line too. */
static bool next_line(buffer *from, stralloc *line)
{
  line->len = 0;
  int r = skagetln(from, line, '\n');
  if (r == -1 && errno != EPIPE) strerr_diefusys(111, "read ", SOURCE);
  return line->len > 0;
}

static void fill(struct cdb_make *to, int source)
{
  static char memory[65536];
  static stralloc line = STRALLOC_ZERO;
  buffer from;
  buffer_init(&from, &buffer_read, source, memory, sizeof memory);
  for (uint64_t number = 1; next_line(&from, &line); number++) {
    clean(&line);
    if (!line.len) continue;
    char const *why = why_useless(&line);
    if (why) refuse(number, why);
    add(to, &line);
  }
}

/* The database is whole on the disk before it takes the place of the old one. */
static void put_in_place(int fd, int directory)
{
  if (fsync(fd) == -1 || close(fd) == -1) strerr_diefusys(111, "write ", TEMPORARY);
  if (rename(TEMPORARY, DATABASE) == -1) strerr_diefusys(111, "move ", TEMPORARY, " to ", DATABASE);
  if (fsync(directory) == -1) strerr_diefusys(111, "sync ", DIRECTORY);
}

int main(int argc, char const *const *argv)
{
  static struct cdb_make database;
  PROG = "qmail-newmrh";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, USAGE);
  enter_home();
  int source = openbc_read(SOURCE);
  if (source == -1) strerr_diefusys(111, "open ", SOURCE);
  int directory = open_directory();
  int fd = open_temporary();
  if (cdb_make_start(&database, fd) == -1) strerr_diefusys(111, "write ", TEMPORARY);
  fill(&database, source);
  if (cdb_make_finish(&database) == -1) strerr_diefusys(111, "write ", TEMPORARY);
  put_in_place(fd, directory);
  return 0;
}
