/* setforward: make a table for fastforward from text.

   runs as   who owns the table
   reads     the text on descriptor 0
   changes   the table, which is replaced as a whole
   exits     0, 100 wrong use or a wrong text, 111 trouble; in both cases the table is as it was
*/

#include <errno.h>
#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/strerr.h>

#include "cdb_file.h"
#include "forward_text.h"
#include "input.h"
#include "text.h"

enum { WRONG = 100, TROUBLE = 111 };

static struct cdb_file table = CDB_FILE_ZERO;

static void add(char kind, stralloc const *target, stralloc const *value)
{
  static stralloc key = STRALLOC_ZERO;
  key.len = 0;
  text_addc(&key, kind);
  text_addx(&key, target);
  case_lowerb(key.s, key.len);
  if (!cdb_file_add(&table, key.s, key.len, value->s, value->len)) replace_die(&table.file);
}

static _Noreturn void refuse(struct forward_text const *t)
{
  cdb_file_forget(&table);
  input_fault(WRONG, "input", t->line, t->fault);
}

static void add_record(struct forward_text const *t)
{
  if (t->has_owner) add('?', &t->target, &t->owner);
  if (t->data.len) add(':', &t->target, &t->data);
}

int main(int argc, char const *const *argv)
{
  stralloc in = STRALLOC_ZERO;
  struct forward_text t;
  enum forward_text_result r;
  PROG = "setforward";
  if (argc != 3) strerr_dieusage(WRONG, "setforward data.cdb data.tmp < text");
  input_read(&in);
  if (!cdb_file_begin(&table, argv[1], argv[2], input_mode())) replace_die(&table.file);
  forward_text_begin(&t, (struct field){ in.s, in.len });
  while ((r = forward_text_next(&t)) == FORWARD_TEXT_RECORD) add_record(&t);
  if (r == FORWARD_TEXT_NO_MEMORY) strerr_dief(TROUBLE, "out of memory");
  if (r == FORWARD_TEXT_WRONG) refuse(&t);
  if (!cdb_file_commit(&table)) replace_die(&table.file);
  return 0;
}
