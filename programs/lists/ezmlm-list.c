/* ezmlm-list: print the addresses of a table of a mailing list.

   runs as   who owns the list
   reads     files of the table
   changes   nothing
   exits     0, 100 wrong use, 111 trouble
*/

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "list_options.h"
#include "list_words.h"
#include "subscribers.h"

#define USAGE "ezmlm-list [-mMnN] [-S subdb] dir [table]"

static struct subscribers_range const all = { 0, SUBSCRIBERS_HASHES - 1 };

static void written(bool done)
{
  if (!done) list_die_system(0, "ERR_WRITE_STDOUT", 0);
}

static void print(void *to, struct field address)
{
  (void)to;
  written(buffer_put(buffer_1, address.s, address.len) >= 0 && buffer_put(buffer_1, "\n", 1) >= 0);
}

static void print_number(uint64_t number)
{
  char digits[UINT64_FMT];
  print(0, (struct field){ digits, uint64_fmt(digits, number) });
}

int main(int argc, char const *const *argv)
{
  struct list l = LIST_ZERO;
  bool files = false, count_only = false;
  char const *subdb = 0;
  struct list_option const options[] = {
    { 'm', OPTION_OFF, &files, 0 }, { 'M', OPTION_ON, &files, 0 }, { 'n', OPTION_ON, &count_only, 0 },
    { 'N', OPTION_OFF, &count_only, 0 }, { 'S', OPTION_TEXT, &subdb, 0 }, { 0 }
  };
  PROG = "ezmlm-list";
  int const at = list_options(&l, argc, argv, options, LIST_NEEDED, USAGE);
  struct subscribers *s = subscribers_open(&l, at < argc ? argv[at] : ".", files ? "std" : subdb);
  uint64_t const count = subscribers_each(s, all, count_only ? 0 : print, 0);
  if (count_only) print_number(count);
  written(buffer_flush(buffer_1));
  return 0;
}
