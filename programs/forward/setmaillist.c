/* setmaillist: make a list for fastforward from text.

   runs as   who owns the list
   reads     the text on descriptor 0: an address, or the name of another list, on each line
   changes   the list, which is replaced as a whole
   exits     0, 100 wrong use or a line that is too long, 111 trouble; in both cases the list is as it was
*/

#include <string.h>

#include <skalibs/strerr.h>

#include "input.h"
#include "lines.h"
#include "maillist.h"
#include "replace.h"
#include "text.h"

enum { WRONG = 100, TROUBLE = 111 };

int main(int argc, char const *const *argv)
{
  stralloc in = STRALLOC_ZERO, list = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  struct text_line line;
  size_t at = 0;
  PROG = "setmaillist";
  if (argc != 3) strerr_dieusage(WRONG, "setmaillist list.bin list.tmp < text");
  input_read(&in);
  for (size_t n = 1; lines_next(&line, in.s, in.len, &at); n++) {
    char const *fault = "there is a NUL";
    switch (maillist_add(&list, line.s, line.len)) {
      case MAILLIST_ADDED: break;
      case MAILLIST_TOO_LONG: fault = "an address has more than 800 bytes"; input_fault(WRONG, "input", n, fault);
      case MAILLIST_NUL: input_fault(TROUBLE, "input", n, fault);
      case MAILLIST_NO_MEMORY: strerr_dief(TROUBLE, "out of memory");
    }
  }
  if (!replace_begin(&r, argv[1], argv[2], input_mode()) || !replace_write(&r, list.s, list.len) || !replace_commit(&r)) replace_die(&r);
  return 0;
}
