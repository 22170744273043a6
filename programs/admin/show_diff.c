#include <stdlib.h>
#include <string.h>

#include <skalibs/buffer.h>

#include "control_dir.h"
#include "die.h"
#include "fields.h"
#include "show.h"
#include "text.h"

/* ---- said ---- */

static void say(struct control_file const *f, char const *what, struct field value)
{
  show_string(f->name);
  show_string(": ");
  show_string(what);
  show_text(value.s, value.len);
  show_string("\n");
}

/* ---- one value ---- */

static struct field value_of(stralloc *to, struct control_dir const *dir, struct control_file const *f)
{
  bool is_default;
  to->len = 0;
  if (!control_value(dir, f, to, &is_default)) return (struct field){ "", 0 };
  return (struct field){ to->s, to->len };
}

/* A file that says what its absence means is no difference. */
static bool diff_values(struct control_file const *f, struct control_dir const *here, struct control_dir const *there)
{
  static stralloc ours = STRALLOC_ZERO, theirs = STRALLOC_ZERO;
  struct field const a = value_of(&ours, here, f), b = value_of(&theirs, there, f);
  if (field_same(a, b)) return false;
  say(f, "here: ", a);
  say(f, "there: ", b);
  return true;
}

/* ---- many lines, whose order says nothing ---- */

struct entries { struct field *list; size_t count; };

static int compare(void const *a, void const *b)
{
  struct field const *x = a, *y = b;
  int r = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);
  return r ? r : (x->len > y->len) - (x->len < y->len);
}

/* From the text, where they lie, without twins. */
static struct entries entries_of(stralloc const *text)
{
  struct control_line line;
  struct entries e = { malloc((text->len / 2 + 1) * sizeof *e.list), 0 };
  size_t kept = 0;
  if (!e.list) die_nomem();
  for (size_t at = 0; control_next_entry(text, &at, &line);) e.list[e.count++] = (struct field){ line.s, line.len };
  qsort(e.list, e.count, sizeof *e.list, compare);
  for (size_t i = 0; i < e.count; i++)
    if (!i || compare(e.list + i, e.list + i - 1)) e.list[kept++] = e.list[i];
  e.count = kept;
  return e;
}

static bool diff_entries(struct control_file const *f, stralloc const *here, stralloc const *there)
{
  struct entries const a = entries_of(here), b = entries_of(there);
  bool differ = false;
  for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
    int r = i == a.count ? 1 : j == b.count ? -1 : compare(a.list + i, b.list + j);
    if (r < 0) say(f, "only here: ", a.list[i]);
    if (r > 0) say(f, "only there: ", b.list[j]);
    differ = differ || r;
    i += r <= 0;
    j += r >= 0;
  }
  free(a.list);
  free(b.list);
  return differ;
}

/* ---- any ---- */

static bool diff_presence(struct control_file const *f, struct control_state const *here, struct control_state const *there)
{
  static char const *const words[] = { [IS_ABSENT] = "is not there", [IS_PRESENT] = "is there", [IS_TROUBLE] = "cannot be read" };
  if (here->presence == there->presence && here->presence != IS_TROUBLE) return false;
  say(f, "here it ", field_of(words[here->presence]));
  say(f, "there it ", field_of(words[there->presence]));
  return true;
}

static bool is_one_value(struct control_file const *f, struct control_state const *here, struct control_state const *there)
{
  return (f->form == FORM_LINE || f->form == FORM_NUMBER) && here->presence != IS_TROUBLE && there->presence != IS_TROUBLE;
}

static bool diff_file(struct control_file const *f, struct control_dir const *here, struct control_dir const *there)
{
  struct control_state const *a = control_state_of(here, f->name), *b = control_state_of(there, f->name);
  if (f->form == FORM_CDB) return false;
  if (is_one_value(f, a, b)) return diff_values(f, here, there);
  bool differ = diff_presence(f, a, b);
  if (f->form != FORM_SECRETS) return diff_entries(f, &a->text, &b->text) || differ;
  if (differ || field_same((struct field){ a->text.s, a->text.len }, (struct field){ b->text.s, b->text.len })) return differ;
  say(f, "not the same, and shown to nobody", field_of(""));
  return true;
}

bool show_diff(struct control_dir const *here, struct control_dir const *there)
{
  bool differ = false;
  for (struct control_file const *f = control_files; f->name; f++) differ = diff_file(f, here, there) || differ;
  return differ;
}
