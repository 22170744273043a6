/* A line of vpasswd: what is read is written as the same, and as the same value of vpasswd.cdb. */

#include "bytes.h"
#include "fuzz.h"

#include "vpasswd.h"

static bool same(struct field a, struct field b)
{
  return same_bytes(a.s, a.len, b.s, b.len);
}

/* The name may have got smaller. */
static void same_but_name(struct vpasswd const *a, struct vpasswd const *b)
{
  assert(same(a->hash, b->hash) && same(a->comment, b->comment) && same(a->dir, b->dir) && same(a->quota, b->quota));
  assert(a->uid == b->uid && a->flags == b->flags && a->has_clear == b->has_clear && same(a->clear, b->clear));
  assert(a->name.len == b->name.len);
}

static bool has_cr(struct vpasswd const *r)
{
  struct field const all[] = { r->name, r->hash, r->comment, r->dir, r->quota, r->clear };
  bool has = false;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) has |= holds(all[i].s, all[i].len, '\r');
  return has;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc text = STRALLOC_ZERO;
  struct part in = whole(data, size);
  struct vpasswd r, again;
  if (vpasswd_parse(&r, in.s, in.len) != VPASSWD_RECORD) return 0;
  assert(r.name.len && (vpasswd_unfit(&r) != 0) == has_cr(&r));
  text.len = 0;
  assert(vpasswd_format(&text, &r) == !has_cr(&r));
  if (has_cr(&r)) return 0;
  assert(text.s[text.len - 1] == '\n' && times(text.s, text.len, "\n") == 1);
  assert(vpasswd_parse(&again, text.s, text.len) == VPASSWD_RECORD);
  same_but_name(&r, &again);
  text.len = 0;
  assert(vpasswd_format_value(&text, &r));
  assert(vpasswd_parse_value(&again, r.name, text.s, text.len) == VPASSWD_RECORD);
  same_but_name(&r, &again);
  return 0;
}
