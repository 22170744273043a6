#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "lines.h"
#include "memory.h"
#include "user_roll.h"
#include "vpasswd_text.h"

struct reading { stralloc *text; size_t count; bool is_unfit; };

/* A clear password that is empty is none: not every table has a place for one. */
static bool keep(void *reading_, struct vpasswd const *record)
{
  struct reading *reading = reading_;
  struct vpasswd kept = *record;
  kept.has_clear = record->clear.len;
  reading->count++;
  reading->is_unfit = vpasswd_format(reading->text, &kept) != 1;
  return !reading->is_unfit;
}

enum store_result user_roll_read(struct user_roll *roll, struct store_domain const *table)
{
  struct reading reading = { .text = &roll->text };
  roll->text.len = 0;
  enum store_result r = store_list(table, keep, &reading);
  if (r != STORE_DONE) return r;
  if (reading.is_unfit) return STORE_TROUBLE;
  user_roll_parse(roll);
  return STORE_DONE;
}

void user_roll_parse(struct user_roll *roll)
{
  struct text_line line;
  size_t lines = 0;
  for (size_t at = 0; lines_next(&line, roll->text.s, roll->text.len, &at);) lines++;
  free(roll->all);
  roll->all = memory_zeroed(lines + 1, sizeof *roll->all);
  roll->count = 0;
  for (size_t at = 0; lines_next(&line, roll->text.s, roll->text.len, &at);)
    if (vpasswd_parse(roll->all + roll->count, line.s, line.len) == VPASSWD_RECORD) roll->count++;
}

/* ---- differences ---- */

static bool is_same(struct vpasswd const *a, struct vpasswd const *b)
{
  static stralloc one = STRALLOC_ZERO, other = STRALLOC_ZERO;
  one.len = other.len = 0;
  if (vpasswd_format(&one, a) != 1 || vpasswd_format(&other, b) != 1) die_nomem();
  return one.len == other.len && memcmp(one.s, other.s, one.len) == 0;
}

size_t user_roll_edits(struct store_edit **edits, struct user_roll const *from, struct user_roll const *to)
{
  size_t i = 0, j = 0, count = 0;
  *edits = memory_zeroed(from->count + to->count + 1, sizeof **edits);
  while (i < from->count || j < to->count) {
    int order = i == from->count ? 1 : j == to->count ? -1 : vpasswd_text_compare(from->all[i].name, to->all[j].name);
    if (order < 0) (*edits)[count++] = (struct store_edit){ .deed = STORE_REMOVE, .record.name = from->all[i].name };
    else if (order > 0) (*edits)[count++] = (struct store_edit){ .deed = STORE_ADD, .record = to->all[j] };
    else if (!is_same(from->all + i, to->all + j)) (*edits)[count++] = (struct store_edit){ .deed = STORE_CHANGE, .record = to->all[j] };
    i += order <= 0;
    j += order >= 0;
  }
  return count;
}

static struct vpasswd const *find(struct user_roll const *roll, struct field name)
{
  size_t low = 0, high = roll->count;
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    int const r = vpasswd_text_compare(roll->all[middle].name, name);
    if (r == 0) return roll->all + middle;
    if (r < 0) low = middle + 1;
    else high = middle;
  }
  return 0;
}

size_t user_roll_unchanged(struct store_edit *edits, size_t count, struct user_roll const *then, struct user_roll const *there)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    struct vpasswd const *a = find(then, edits[i].record.name), *b = find(there, edits[i].record.name);
    if (a && b ? is_same(a, b) : !a && !b) edits[kept++] = edits[i];
  }
  return kept;
}
