/* The index of an archive: every entry that is read lies in the text, and what is written of fields can be read again. */

#include "fuzz.h"

#include "archive.h"
#include "text.h"

static void lies_in(struct part all, struct field f)
{
  assert(!f.len || (f.s >= all.s && f.s + f.len <= all.s + all.len && !holds(f.s, f.len, '\n')));
}

static void read_all(struct part all)
{
  struct index_entry e;
  size_t at = 0, before = 0;
  int r;
  while ((r = index_next(&e, all.s, all.len, &at))) {
    assert(at > before && at <= all.len);
    before = at;
    if (r == -1) continue;
    lies_in(all, e.subject);
    lies_in(all, e.date);
    lies_in(all, e.author);
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part all = whole(data, size), in = all;
  struct part subject = part_before(&in, 1), from = part_before(&in, 1), received = part_before(&in, 1);
  struct index_fields fields = { { subject.s, subject.len }, { from.s, from.len }, { received.s, received.len }, { "[p]", 3 } };
  struct index_entry e;
  struct archive_num num;
  stralloc text = STRALLOC_ZERO;
  size_t at = 0;
  read_all(all);
  archive_num_scan(&num, all.s, all.len);
  index_add(&text, 42, &fields);
  assert(index_next(&e, text.s, text.len, &at) == 1 && e.number == 42 && at == text.len);
  stralloc_free(&text);
  return 0;
}
