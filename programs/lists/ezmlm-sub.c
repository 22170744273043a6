/* ezmlm-sub: add addresses to a table of a mailing list.

   runs as   who owns the list
   reads     addresses on the command line, or on descriptor 0
   changes   files of the table, each replaced as a whole, and its Log
   exits     0 when all are in it, 100 wrong use, or no address, 111 trouble; those before the one that failed are in it
*/

#include <skalibs/strerr.h>

#include "changes_asked.h"

#define USAGE "ezmlm-sub [-mMnN] [-h hash] [-H] [-S subdb] [-t tag] dir [table] [box@domain [name]] ..."

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-sub";
  return changes_asked(argc, argv, USAGE, "+", subscribers_add);
}
