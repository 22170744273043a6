/* dotqmail2valias: aliases of virtual domains go from their files to where valias keeps them, which is these files.

   runs as   root or the owner of the domains; root becomes each owner
   changes   nothing: scripts that call it find all aliases where they look for them
   exits     0 done, 1 no such domain, 100 wrong use, 111 trouble of the machine
*/

#include <skalibs/strerr.h>

#include "alias_files.h"
#include "command.h"
#include "die.h"
#include "domains.h"
#include "named.h"
#include "saying.h"
#include "text.h"

#define USAGE "dotqmail2valias [ -v ] [ --json ] [ --dry-run ] -a | domain ..."

static bool every = false;

static struct command_option const options[] = {
  { 'a', COMMAND_FLAG, &every },
  { 0 }
};

static size_t count;

static void count_one(char const *name, char const *file)
{
  (void)name;
  (void)file;
  count++;
}

static int tell(void *named_)
{
  static stralloc line = STRALLOC_ZERO;
  struct named const *named = named_;
  alias_files_list(count_one);
  text_set(&line, named->domain.real.s);
  text_add(&line, ": aliases that stay in their files: ");
  text_addu(&line, count);
  saying("says", text_z(&line));
  return 0;
}

int main(int argc, char *const *argv)
{
  PROG = "dotqmail2valias";
  struct command command = command_read(argc, argv, options, USAGE);
  if (every == (command.count > 0)) command_usage(&command);
  enter_home();
  return domains_each(command.words, command.count, tell);
}
