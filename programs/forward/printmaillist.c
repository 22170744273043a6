/* printmaillist: show a list of fastforward as text.

   runs as   who may read the list
   reads     the list on descriptor 0
   changes   nothing
   exits     0, 100 wrong use, or it is no such list, 111 trouble
*/

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "forward_table.h"
#include "input.h"
#include "text.h"

enum { WRONG = 100, TROUBLE = 111 };

int main(int argc, char const *const *argv)
{
  stralloc in = STRALLOC_ZERO, out = STRALLOC_ZERO;
  struct field one;
  char const *fault = 0;
  size_t at = 0;
  (void)argv;
  PROG = "printmaillist";
  if (argc != 1) strerr_dieusage(WRONG, "printmaillist < list.bin");
  input_read(&in);
  struct field all = { in.s, in.len };
  while (!fault && forward_entry_next(&one, all, &at)) {
    fault = forward_list_fault(one);
    text_addb(&out, one.s, one.len);
    text_add(&out, "\n");
  }
  if (!fault && at != all.len) fault = "the last entry is not ended";
  if (fault) strerr_dief(WRONG, "bad mailing list format: ", fault);
  if (buffer_put(buffer_1, out.s, out.len) != (ssize_t)out.len || !buffer_flush(buffer_1)) strerr_diefusys(TROUBLE, "write output");
  return 0;
}
