/* The text of setforward: what it says is written as text again, and says the same. Entries that setmaillist makes are good ones. */

#include "fuzz.h"

#include "bytes.h"
#include "forward_table.h"
#include "forward_text.h"
#include "maillist.h"

static void write_record(stralloc *to, struct forward_text const *t)
{
  assert(forward_text_quote(to, (struct field){ t->target.s, t->target.len }) && bytes_add(to, ":"));
  if (t->has_owner) assert(bytes_add(to, "?") && forward_text_quote(to, (struct field){ t->owner.s, t->owner.len }) && bytes_add(to, ","));
  struct field one;
  for (size_t at = 0; forward_entry_next(&one, (struct field){ t->data.s, t->data.len }, &at);)
    assert(forward_text_quote(to, one) && bytes_add(to, "\n,"));
  assert(bytes_add(to, ";\n"));
}

static bool same(stralloc const *a, stralloc const *b)
{
  return same_bytes(a->s, a->len, b->s, b->len);
}

static void check_record(struct forward_text const *t)
{
  static stralloc text = STRALLOC_ZERO;
  struct forward_text again;
  text.len = 0;
  write_record(&text, t);
  forward_text_begin(&again, (struct field){ text.s, text.len });
  assert(forward_text_next(&again) == FORWARD_TEXT_RECORD && same(&again.target, &t->target) && same(&again.data, &t->data));
  assert(again.has_owner == t->has_owner && (!t->has_owner || same(&again.owner, &t->owner)));
  assert(forward_text_next(&again) == FORWARD_TEXT_END);
  forward_text_free(&again);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc list = STRALLOC_ZERO;
  struct forward_text t;
  enum forward_text_result r;
  struct field one;
  forward_text_begin(&t, (struct field){ (char const *)data, size });
  while ((r = forward_text_next(&t)) == FORWARD_TEXT_RECORD) check_record(&t);
  assert(r == FORWARD_TEXT_END || t.fault);
  forward_text_free(&t);
  list.len = 0;
  bool added = maillist_add(&list, (char const *)data, size) == MAILLIST_ADDED;
  for (size_t at = 0; added && forward_entry_next(&one, (struct field){ list.s, list.len }, &at);)
    assert(!forward_list_fault(one) || holds(one.s, one.len, '\n'));
  return 0;
}
