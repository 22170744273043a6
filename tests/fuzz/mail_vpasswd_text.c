/* vpasswd edited: after users were added, then changed, then removed, every other line is where it was. The first line
   of the input has names, the rest is the text. */

#include "bytes.h"
#include "fuzz.h"

#include "vpasswd_text.h"

enum { NAMES_MAX = 8 };

static struct field const nothing = { "", 0 };
static struct store_edit edits[NAMES_MAX];
static size_t count;

static void read_names(struct part names)
{
  for (count = 0; count < NAMES_MAX && names.len; count++) {
    struct part name = part_before(&names, ' ');
    struct field const f = { name.s, name.len };
    edits[count].record = (struct vpasswd){ f, nothing, nothing, nothing, nothing, nothing, 0, 0, false };
  }
}

static enum store_result edit(stralloc *to, stralloc const *from, enum store_deed deed)
{
  size_t culprit = 0;
  to->len = 0;
  for (size_t i = 0; i < count; i++) edits[i].deed = deed;
  enum store_result r = vpasswd_text_edit(to, from->s, from->len, edits, count, &culprit);
  assert(r != STORE_TROUBLE && (r == STORE_DONE || (culprit < count && !to->len)));
  return r;
}

static size_t users(stralloc const *text)
{
  struct field left = { text->s, text->len }, line, name;
  bool is_user;
  size_t n = 0;
  while (vpasswd_text_next(&line, &name, &is_user, &left)) n += is_user;
  return n;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc old = STRALLOC_ZERO, more = STRALLOC_ZERO, changed = STRALLOC_ZERO, again = STRALLOC_ZERO;
  struct part in = whole(data, size);
  read_names(part_before(&in, '\n'));
  assert(bytes_setb(&old, in.s, in.len));
  if (old.len && old.s[old.len - 1] != '\n') assert(bytes_add(&old, "\n"));
  if (edit(&more, &old, STORE_ADD) != STORE_DONE) return 0;
  assert(users(&more) == users(&old) + count);
  assert(!count || edit(&again, &old, STORE_CHANGE) == STORE_NO_USER);
  assert(edit(&changed, &more, STORE_CHANGE) == STORE_DONE && same_bytes(changed.s, changed.len, more.s, more.len));
  assert(edit(&changed, &more, STORE_ALTER) == STORE_DONE && same_bytes(changed.s, changed.len, more.s, more.len));
  assert(!count || edit(&again, &more, STORE_ADD) == STORE_EXISTS);
  assert(edit(&again, &more, STORE_REMOVE) == STORE_DONE && same_bytes(again.s, again.len, old.s, old.len));
  return 0;
}
