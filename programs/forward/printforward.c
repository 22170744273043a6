/* printforward: show a table of fastforward as the text that setforward would make it of.

   runs as   who may read the table
   reads     the table on descriptor 0
   changes   nothing
   exits     0, 100 wrong use, or it is no such table, 111 trouble
*/

#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "cdb_records.h"
#include "forward_table.h"
#include "forward_text.h"
#include "input.h"
#include "text.h"

enum { WRONG = 100, TROUBLE = 111 };

static stralloc out = STRALLOC_ZERO;

static _Noreturn void refuse(void)
{
  strerr_dief(WRONG, "bad database format");
}

static void put(struct field f)
{
  while (!forward_text_quote(&out, f)) memory_gone();
}

static void put_owner(struct field target, struct field owner)
{
  put(target);
  text_add(&out, ": ?");
  put(owner);
  text_add(&out, ";\n");
}

static void put_instructions(struct field target, struct field all)
{
  struct field one;
  size_t at = 0;
  put(target);
  text_add(&out, ":\n");
  while (forward_entry_next(&one, all, &at)) {
    text_add(&out, ", ");
    put(one);
    text_add(&out, "\n");
  }
  if (at != all.len) refuse();
  text_add(&out, ";\n");
}

static void put_record(struct field key, struct field value)
{
  if (!key.len) refuse();
  struct field target = { key.s + 1, key.len - 1 };
  if (*key.s == '?') put_owner(target, value);
  else if (*key.s == ':') put_instructions(target, value);
  else refuse();
}

int main(int argc, char const *const *argv)
{
  stralloc in = STRALLOC_ZERO;
  struct field key, value;
  enum cdb_records_result r;
  size_t at = 0;
  (void)argv;
  PROG = "printforward";
  if (argc != 1) strerr_dieusage(WRONG, "printforward < data.cdb");
  input_read(&in);
  while ((r = cdb_records_next(&key, &value, in.s, in.len, &at)) == CDB_RECORDS_ONE) put_record(key, value);
  if (r == CDB_RECORDS_DAMAGED) refuse();
  if (buffer_put(buffer_1, out.s, out.len) != (ssize_t)out.len || !buffer_flush(buffer_1)) strerr_diefusys(TROUBLE, "write output");
  return 0;
}
