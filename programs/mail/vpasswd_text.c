#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "vpasswd_text.h"

/* ---- lines ---- */

static unsigned char lower(char c)
{
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int vpasswd_text_compare(struct field a, struct field b)
{
  size_t const shorter = a.len < b.len ? a.len : b.len;
  for (size_t i = 0; i < shorter; i++)
    if (lower(a.s[i]) != lower(b.s[i])) return lower(a.s[i]) - lower(b.s[i]);
  return (a.len > b.len) - (a.len < b.len);
}

bool vpasswd_text_next(struct field *line, struct field *name, bool *is_user, struct field *text)
{
  struct vpasswd record;
  if (!text->len) return false;
  char const *newline = memchr(text->s, '\n', text->len);
  *line = (struct field){ text->s, newline ? (size_t)(newline + 1 - text->s) : text->len };
  text->s += line->len;
  text->len -= line->len;
  *is_user = vpasswd_parse(&record, line->s, line->len) != VPASSWD_NONE;
  if (*is_user) *name = record.name;
  return true;
}

static int add_line(stralloc *to, struct field line)
{
  return bytes_addb(to, line.s, line.len) && (line.s[line.len - 1] == '\n' || bytes_add(to, "\n"));
}

/* ---- what is to be done, sorted ---- */

struct change {
  struct store_edit const *edit;
  size_t at;                    /* which of the edits */
  struct field line;            /* of who is added or changed */
  bool met;
};

struct changes { struct change *all; size_t count; };

static int compare_changes(void const *a, void const *b)
{
  struct change const *x = a, *y = b;
  int r = vpasswd_text_compare(x->edit->record.name, y->edit->record.name);
  return r ? r : (x->at > y->at) - (x->at < y->at);
}

static enum store_result twice(struct changes const *c, size_t *culprit)
{
  for (size_t i = 1; i < c->count; i++) {
    if (vpasswd_text_compare(c->all[i - 1].edit->record.name, c->all[i].edit->record.name) != 0) continue;
    *culprit = c->all[i].at;
    return STORE_EXISTS;
  }
  return STORE_DONE;
}

/* The lines of all, one behind the other in space, which must not grow any more when it is pointed into. */
static enum store_result write_lines(struct changes *c, stralloc *space, size_t *culprit)
{
  if (!bytes_ready(space, 1)) return STORE_TROUBLE;
  for (size_t i = 0; i < c->count; i++) {
    struct change *change = c->all + i;
    size_t const was = space->len;
    *culprit = change->at;
    if (change->edit->deed == STORE_REMOVE || change->edit->deed == STORE_ALTER) continue;
    if (vpasswd_unfit(&change->edit->record)) return STORE_UNFIT;
    if (!vpasswd_format(space, &change->edit->record)) return errno == EINVAL ? STORE_UNFIT : STORE_TROUBLE;
    change->line.len = space->len - was;
  }
  size_t at = 0;
  for (size_t i = 0; i < c->count; i++) {
    c->all[i].line.s = space->s + at;
    at += c->all[i].line.len;
  }
  return STORE_DONE;
}

static enum store_result prepare(struct changes *c, stralloc *space, struct store_edit const *edits, size_t count,
                                 size_t *culprit)
{
  c->all = calloc(count ? count : 1, sizeof *c->all);
  if (!c->all) return STORE_TROUBLE;
  c->count = count;
  for (size_t i = 0; i < count; i++) c->all[i] = (struct change){ .edit = edits + i, .at = i };
  qsort(c->all, count, sizeof *c->all, compare_changes);
  enum store_result r = twice(c, culprit);
  return r == STORE_DONE ? write_lines(c, space, culprit) : r;
}

/* ---- the walk over the lines ---- */

struct walk {
  stralloc *to;
  struct changes changes;
  size_t next;                  /* change that comes in front of greater names */
  size_t *culprit;
};

static int add_until(struct walk *w, struct field const *name)
{
  for (; w->next < w->changes.count; w->next++) {
    struct change *change = w->changes.all + w->next;
    if (name && vpasswd_text_compare(change->edit->record.name, *name) >= 0) return 1;
    if (change->edit->deed != STORE_ADD) continue;
    if (!bytes_addb(w->to, change->line.s, change->line.len)) return 0;
  }
  return 1;
}

static bool is_for_all(struct change const *change)
{
  return change->edit->deed == STORE_ALTER && !change->edit->record.name.len;
}

static struct change *find_change(struct changes const *c, struct field name)
{
  if (c->count && is_for_all(c->all)) return c->all;
  size_t low = 0, high = c->count;
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    int const r = vpasswd_text_compare(c->all[middle].edit->record.name, name);
    if (r == 0) return c->all + middle;
    if (r < 0) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/* Nobody can say what a damaged one should become. */
static enum store_result alter_line(struct walk *w, struct change const *change, struct field line)
{
  struct vpasswd record;
  *w->culprit = change->at;
  errno = EPROTO;
  if (vpasswd_parse(&record, line.s, line.len) != VPASSWD_RECORD)
    return is_for_all(change) && add_line(w->to, line) ? STORE_DONE : STORE_TROUBLE;
  store_alter_record(&record, change->edit);
  if (vpasswd_unfit(&record)) return STORE_UNFIT;
  if (vpasswd_format(w->to, &record)) return STORE_DONE;
  return errno == EINVAL ? STORE_UNFIT : STORE_TROUBLE;
}

/* Whether nobody has changed him since he was read. */
static enum store_result judge_line(struct walk *w, struct change const *change, struct field line)
{
  stralloc was = STRALLOC_ZERO, is = STRALLOC_ZERO;
  struct vpasswd record;
  bool read = vpasswd_parse(&record, line.s, line.len) == VPASSWD_RECORD && vpasswd_format_value(&is, &record)
           && vpasswd_format_value(&was, &change->edit->record);
  bool same = read && was.len == is.len && memcmp(was.s, is.s, is.len) == 0;
  stralloc_free(&was);
  stralloc_free(&is);
  *w->culprit = change->at;
  return same ? STORE_DONE : STORE_NO_USER;
}

/* Of lines with the same name only the first was ever found; the others go with it. */
static enum store_result take_user(struct walk *w, struct field line, struct field name)
{
  struct change *change = find_change(&w->changes, name);
  if (change && change->edit->deed == STORE_ADD) {
    *w->culprit = change->at;
    return STORE_EXISTS;
  }
  if (!add_until(w, &name)) return STORE_TROUBLE;
  if (!change) return add_line(w->to, line) ? STORE_DONE : STORE_TROUBLE;
  bool again = change->met && !is_for_all(change);
  change->met = true;
  if (!again && change->edit->deed == STORE_ALTER) return alter_line(w, change, line);
  if (!again && change->edit->deed == STORE_REMOVE && change->edit->fields) return judge_line(w, change, line);
  return again || bytes_addb(w->to, change->line.s, change->line.len) ? STORE_DONE : STORE_TROUBLE;
}

static enum store_result not_met(struct walk *w)
{
  for (size_t i = 0; i < w->changes.count; i++) {
    struct change const *change = w->changes.all + i;
    if (change->edit->deed == STORE_ADD || change->met || is_for_all(change)) continue;
    *w->culprit = change->at;
    return STORE_NO_USER;
  }
  return STORE_DONE;
}

static enum store_result walk(struct walk *w, struct field text)
{
  struct field line, name;
  bool is_user;
  enum store_result r = STORE_DONE;
  while (r == STORE_DONE && vpasswd_text_next(&line, &name, &is_user, &text)) {
    if (is_user) r = take_user(w, line, name);
    else if (!add_line(w->to, line)) r = STORE_TROUBLE;
  }
  if (r == STORE_DONE && !add_until(w, 0)) r = STORE_TROUBLE;
  return r == STORE_DONE ? not_met(w) : r;
}

enum store_result vpasswd_text_edit(stralloc *to, char const *text, size_t len,
                                    struct store_edit const *edits, size_t count, size_t *culprit)
{
  stralloc space = STRALLOC_ZERO;
  struct walk w = { .to = to, .culprit = culprit };
  size_t const was = to->len;
  errno = 0;
  enum store_result r = prepare(&w.changes, &space, edits, count, culprit);
  if (r == STORE_DONE) r = walk(&w, (struct field){ text, len });
  if (r != STORE_DONE) to->len = was;
  free(w.changes.all);
  stralloc_free(&space);
  if (r == STORE_TROUBLE && errno != EPROTO) errno = ENOMEM;
  return r;
}
