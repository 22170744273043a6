/* qmail-newmrh: make control/morercpthosts.cdb from control/morercpthosts.

   runs as   root, called by the administrator
   reads     control/morercpthosts
   changes   control/morercpthosts.cdb, by way of control/morercpthosts.tmp and a rename
   exits     0 done, 100 when it was given arguments, 111 when anything failed; the old database is then still in force
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cdb.h>
#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/skamisc.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "lock.h"

#define USAGE "qmail-newmrh"
#define DIRECTORY "control"
#define SOURCE "control/morercpthosts"
#define TEMPORARY "control/morercpthosts.tmp"
#define DATABASE "control/morercpthosts.cdb"

/* Two at once would write into the same temporary file. The lock ends with the process. */
static int open_directory(void)
{
  int fd = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(111, "open ", DIRECTORY);
  if (!lock_wait(fd)) strerr_diefusys(111, "lock ", DIRECTORY);
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
  while (next_line(&from, &line)) {
    clean(&line);
    if (line.len) add(to, &line);
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
