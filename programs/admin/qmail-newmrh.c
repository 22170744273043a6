/* qmail-newmrh: make control/morercpthosts.cdb from control/morercpthosts.

   runs as   root, called by the administrator
   reads     control/morercpthosts
   changes   control/morercpthosts.cdb, as a whole: a bad line leaves the old one as it was
   exits     0 done, 100 when it was given arguments, 111 when anything failed; the old database is then still in force
*/

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/skamisc.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "cdb_file.h"
#include "die.h"
#include "home.h"
#include "lock.h"

#define USAGE "qmail-newmrh"
#define SOURCE "control/morercpthosts"
#define TEMPORARY "control/morercpthosts.tmp"
#define LOCK "control/.lock"
#define DATABASE "control/morercpthosts.cdb"

static struct cdb_file database = CDB_FILE_ZERO;

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
  cdb_file_forget(&database);
  strerr_dief(111, "bad format in ", SOURCE, " line ", digits, ": ", why);
}

static void add(stralloc const *domain)
{
  if (!cdb_file_add(&database, domain->s, domain->len, "", 0)) replace_die(&database.file);
}

/* Not newline-terminated text at the end of the file is a line too. */
static bool next_line(buffer *from, stralloc *line)
{
  line->len = 0;
  int r = skagetln(from, line, '\n');
  if (r == -1 && errno != EPIPE) {
    cdb_file_forget(&database);
    strerr_diefusys(111, "read ", SOURCE);
  }
  return line->len > 0;
}

static void fill(int source)
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
    add(&line);
  }
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-newmrh";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, USAGE);
  enter_home();
  lock_own_file_or_die(LOCK);
  int source = openbc_read(SOURCE);
  if (source == -1) strerr_diefusys(111, "open ", SOURCE);
  if (!cdb_file_begin(&database, DATABASE, TEMPORARY, 0644)) replace_die(&database.file);
  fill(source);
  if (!cdb_file_commit(&database)) replace_die(&database.file);
  return 0;
}
