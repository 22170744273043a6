/* ezmlm-issubn: whether a sender is in one of some tables of a mailing list.

   runs as   who owns the list
   reads     SENDER, files of the tables
   changes   nothing
   exits     0 he is, 99 he is not, with -n the other way round; 100 wrong use, 111 trouble
*/

#include <skalibs/strerr.h>

#include "list_environment.h"
#include "list_options.h"
#include "membership.h"

#define USAGE "ezmlm-issubn [-nN] dir [table ...]"

int main(int argc, char const *const *argv)
{
  struct list l = LIST_ZERO;
  stralloc sender = STRALLOC_ZERO;
  bool strangers = false;
  struct list_option const options[] = { { 'n', OPTION_ON, &strangers, 0 }, { 'N', OPTION_OFF, &strangers, 0 }, { 0 } };
  PROG = "ezmlm-issubn";
  int const at = list_options(&l, argc, argv, options, LIST_NEEDED, USAGE);
  list_sender(&sender, &l);
  return membership(&l, argc, argv, at, (struct field){ sender.s, sender.len }) == strangers ? LIST_STOP : 0;
}
