/* qmail-newcdb: make cdbs of large control files, where the texts are so large that it is worth it.

   runs as   root, called by the administrator, by qmailctl and by the commands of virtual domains
   reads     control/virtualdomains, rcpthosts, moved, primary, validrcptto
   changes   the files of these names with .cdb, each as a whole; those whose texts are small go
   prints    with -v the names of those that it made
   exits     0 done, 100 when it was called wrongly, 111 when anything failed; then the text counts
*/

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "home.h"
#include "lock.h"
#include "nameset_cdb.h"

#define USAGE "qmail-newcdb [ -v ]"
#define LOCK "control/.lock"

static struct source { char const *path; bool is_map; } const sources[] = {
  { "control/virtualdomains", true },
  { "control/rcpthosts", false },
  { "control/moved", true },
  { "control/primary", true },
  { "control/validrcptto", false }
};

static void tell(struct source const *s)
{
  buffer_puts(buffer_1, s->path);
  buffer_puts(buffer_1, ".cdb\n");
}

/* False when it failed, which is told. */
static bool made(struct source const *s, bool is_verbose)
{
  char const *doing, *what;
  switch (nameset_cdb_make(s->path, s->is_map, &doing, &what)) {
    case NAMESET_CDB_MADE:
      if (is_verbose) tell(s);
      return true;
    case NAMESET_CDB_UNFIT:
      strerr_warnw(s->path, " has a name that is too long to be found in a cdb: it is read as text");
      return true;
    case NAMESET_CDB_FAILED:
      strerr_warnwusys(doing, what);
      return false;
    default: return true;
  }
}

int main(int argc, char const *const *argv)
{
  bool all = true, is_verbose = argc == 2 && !strcmp(argv[1], "-v");
  PROG = "qmail-newcdb";
  if (argc > 1 + is_verbose) strerr_dieusage(100, USAGE);
  enter_home();
  lock_own_file_or_die(LOCK);
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) all = made(sources + i, is_verbose) && all;
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write to stdout");
  return all ? 0 : 111;
}
