#include <string.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "dir_control.h"
#include "lines.h"

static char const names[DIR_CONTROL_NAMES + 1] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* ---- a directory after the other ---- */

void dir_control_fresh(struct dir_control *c)
{
  uint32_t const last = DIR_CONTROL_NAMES - 1;
  *c = (struct dir_control){ .levels = DIR_CONTROL_LEVELS, .last = { last, last, last }, .mark = { 0, 2, 4 } };
}

/* The name of what level and at say. */
static void set_name(struct dir_control *c)
{
  memset(c->dir, 0, sizeof c->dir);
  for (size_t i = 0; i <= c->level; i++) {
    if (i) c->dir[2 * i - 1] = '/';
    c->dir[2 * i] = names[c->at[i]];
  }
}

/* As a number with one digit for each level goes up: the last digit that can, and those behind it begin anew. */
static bool next_of_level(struct dir_control *c)
{
  size_t i = c->level;
  while (c->at[i] >= c->last[i]) {
    if (!i) return false;
    i--;
  }
  c->at[i]++;
  while (i < c->level) {
    i++;
    c->at[i] = c->first[i];
  }
  return true;
}

static void next_directory(struct dir_control *c)
{
  bool in_root = !c->dir[0];
  if (!in_root && next_of_level(c)) return set_name(c);
  if (!in_root && c->level + 1 >= c->levels) return;
  c->level = in_root ? 0 : c->level + 1;
  memcpy(c->at, c->first, sizeof c->at);
  set_name(c);
}

void dir_control_add(struct dir_control *c)
{
  if (c->users < UINT32_MAX) c->users++;
  if (c->users % DIR_CONTROL_PER_DIRECTORY == 0) next_directory(c);
}

void dir_control_delete(struct dir_control *c)
{
  if (c->users) c->users--;
}

static char const *name_of(char c)
{
  return c ? strchr(names, c) : 0;
}

bool dir_control_is_dir(char const *s, size_t len)
{
  if (len % 2 == 0 || len >= DIR_CONTROL_DIR) return false;
  for (size_t i = 0; i < len; i++)
    if (i % 2 ? s[i] != '/' : !name_of(s[i])) return false;
  return true;
}

/* ---- the state as text ---- */

struct row { size_t at, count; uint32_t min, max; };

static struct row const rows[] = {
  { offsetof(struct dir_control, users), 1, 0, UINT32_MAX },
  { offsetof(struct dir_control, level), 1, 0, DIR_CONTROL_LEVELS - 1 },
  { offsetof(struct dir_control, levels), 1, 1, DIR_CONTROL_LEVELS },
  { offsetof(struct dir_control, first), DIR_CONTROL_LEVELS, 0, DIR_CONTROL_NAMES - 1 },
  { offsetof(struct dir_control, last), DIR_CONTROL_LEVELS, 0, DIR_CONTROL_NAMES - 1 },
  { offsetof(struct dir_control, mark), DIR_CONTROL_LEVELS, 0, UINT32_MAX },
  { offsetof(struct dir_control, at), DIR_CONTROL_LEVELS, 0, DIR_CONTROL_NAMES - 1 },
};
enum { ROWS = sizeof rows / sizeof *rows };

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* Cuts it off the line. Counters of old went below 0, too, which is 0. False: there is something else. */
static bool cut_number(uint32_t *n, struct text_line *line)
{
  bool negative = line->len && line->s[0] == '-';
  uint64_t scanned = 0;
  size_t i = negative;
  for (; i < line->len && !is_blank(line->s[i]); i++) {
    if (line->s[i] < '0' || line->s[i] > '9' || scanned > UINT32_MAX) return false;
    scanned = 10 * scanned + (uint64_t)(line->s[i] - '0');
  }
  *n = negative ? 0 : (uint32_t)scanned;
  bool some = i > negative && scanned <= UINT32_MAX;
  line->s += i;
  line->len -= i;
  return some;
}

/* What the line does not hold stays as it is. */
static bool take_row(struct dir_control *c, struct row const *row, struct text_line line)
{
  uint32_t *n = (uint32_t *)((char *)c + row->at);
  for (size_t i = 0; i < row->count; i++) {
    while (line.len && is_blank(line.s[0])) {
      line.s++;
      line.len--;
    }
    if (!line.len) return true;
    if (!cut_number(n + i, &line) || n[i] < row->min || n[i] > row->max) return false;
  }
  return true;
}

/* The name alone tells where it stands. */
static bool take_dir(struct dir_control *c, struct text_line line)
{
  if (!line.len) return true;
  if (!dir_control_is_dir(line.s, line.len)) return false;
  memset(c->dir, 0, sizeof c->dir);
  memcpy(c->dir, line.s, line.len);
  c->level = (uint32_t)(line.len / 2);
  for (size_t i = 0; i <= c->level; i++) c->at[i] = (uint32_t)(name_of(line.s[2 * i]) - names);
  return true;
}

/* Programs of old read the name twice, so that one line more is one that counts. */
bool dir_control_parse(struct dir_control *c, size_t *number, char const *s, size_t len)
{
  struct text_line line;
  size_t at = 0;
  dir_control_fresh(c);
  for (*number = 1; *number <= ROWS + 2 && lines_next(&line, s, len, &at); ++*number)
    if (*number <= ROWS ? !take_row(c, rows + *number - 1, line) : !take_dir(c, line)) return false;
  return true;
}

static int add_row(stralloc *to, struct dir_control const *c, struct row const *row)
{
  uint32_t const *n = (uint32_t const *)((char const *)c + row->at);
  for (size_t i = 0; i < row->count; i++) {
    char digits[UINT32_FMT];
    if (!bytes_addb(to, digits, uint32_fmt(digits, n[i]))) return 0;
    if (!bytes_addc(to, i + 1 < row->count ? ' ' : '\n')) return 0;
  }
  return 1;
}

int dir_control_format(stralloc *to, struct dir_control const *c)
{
  size_t const was = to->len;
  size_t i = 0;
  while (i < ROWS && add_row(to, c, rows + i)) i++;
  if (i == ROWS && bytes_add(to, c->dir) && bytes_add(to, "\n")) return 1;
  to->len = was;
  return 0;
}

/* ---- directories that lost a home ---- */

bool dir_control_take_free(stralloc *text, char dir[DIR_CONTROL_DIR])
{
  struct text_line line;
  size_t at = 0, from = 0;
  for (; lines_next(&line, text->s, text->len, &at); from = at) {
    if (!dir_control_is_dir(line.s, line.len)) continue;
    memset(dir, 0, DIR_CONTROL_DIR);
    memcpy(dir, line.s, line.len);
    if (at > text->len) at = text->len;
    memmove(text->s + from, text->s + at, text->len - at);
    text->len -= at - from;
    return true;
  }
  return false;
}

int dir_control_add_free(stralloc *text, char const *dir)
{
  size_t const was = text->len;
  if (!*dir) return 1;
  bool is_ended = !text->len || text->s[text->len - 1] == '\n';
  if ((is_ended || bytes_add(text, "\n")) && bytes_add(text, dir) && bytes_add(text, "\n")) return 1;
  text->len = was;
  return 0;
}
