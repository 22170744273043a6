/* A prefix, a line end, the value of a field: as a subject and as an author it is a line, no longer than it may be; what is
   normal stays so. */

#include "fuzz.h"

#include "author.h"
#include "subject.h"
#include "text.h"

static void is_a_line(stralloc const *s)
{
  assert(s->len <= SUBJECT_MAX && !holds(s->s, s->len, '\n'));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size), first = part_before(&in, '\n');
  struct field prefix = { first.s, first.len }, value = { in.s, in.len };
  stralloc subject = STRALLOC_ZERO, author = STRALLOC_ZERO, line = STRALLOC_ZERO;
  char hash[SURF_LETTERS];
  subject_normal(&subject, value, prefix);
  text_z(&subject);
  is_a_line(&subject);
  author_name(&author, value);
  is_a_line(&author);
  assert(!holds(author.s, author.len, '@'));
  author_hash(hash, value);
  subject_unfold(&line, value);
  assert(line.len <= value.len && !holds(line.s, line.len, '\n'));
  stralloc_free(&subject);
  stralloc_free(&author);
  stralloc_free(&line);
  return 0;
}
