#include <string.h>
#include <strings.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "vflags.h"
#include "vlimits.h"

/* ---- what is known ---- */

struct limit {
  char const *key;
  int64_t absent, min, max;
  char const *reason;           /* for another number, or none */
};

#define COUNT_MAX INT32_MAX
#define SIZE_TOP (INT64_C(1) << 53)
#define PERM_MAX 7
#define LISTS_MAX 0777

static char const count[] = "needs a number, or -1 for any number", perm[] = "needs a number from 0 to 7";

static struct limit const known[VLIMITS] = {
  /*                              key                    absent  min  max        otherwise */
  [VLIMIT_MAXPOPACCOUNTS]     = { "maxpopaccounts",      -1,     -1,  COUNT_MAX, count },
  [VLIMIT_MAXALIASES]         = { "maxaliases",          -1,     -1,  COUNT_MAX, count },
  [VLIMIT_MAXFORWARDS]        = { "maxforwards",         -1,     -1,  COUNT_MAX, count },
  [VLIMIT_MAXAUTORESPONDERS]  = { "maxautoresponders",   -1,     -1,  COUNT_MAX, count },
  [VLIMIT_MAXMAILINGLISTS]    = { "maxmailinglists",     -1,     -1,  COUNT_MAX, count },
  [VLIMIT_QUOTA]              = { "quota",               0,      -1,  SIZE_TOP,  "needs a number of megabytes" },
  [VLIMIT_MAXMSGCOUNT]        = { "maxmsgcount",         0,      -1,  SIZE_TOP,  "needs a number of messages" },
  [VLIMIT_DEFAULT_QUOTA]      = { "default_quota",       0,      -1,  SIZE_TOP,  "needs a number of bytes" },
  [VLIMIT_DEFAULT_MAXMSGCOUNT] = { "default_maxmsgcount", 0,     -1,  SIZE_TOP,  "needs a number of messages" },
  [VLIMIT_PERM_ACCOUNT]       = { "perm_account",        0,      0,   PERM_MAX,  perm },
  [VLIMIT_PERM_ALIAS]         = { "perm_alias",          0,      0,   PERM_MAX,  perm },
  [VLIMIT_PERM_FORWARD]       = { "perm_forward",        0,      0,   PERM_MAX,  perm },
  [VLIMIT_PERM_AUTORESPONDER] = { "perm_autoresponder",  0,      0,   PERM_MAX,  perm },
  [VLIMIT_PERM_MAILLIST]      = { "perm_maillist",       0,      0,   LISTS_MAX, "needs a number from 0 to 511" },
  [VLIMIT_PERM_QUOTA]         = { "perm_quota",          0,      0,   LISTS_MAX, perm },
  [VLIMIT_PERM_DEFAULTQUOTA]  = { "perm_defaultquota",   0,      0,   PERM_MAX,  perm },
};

void vlimits_nothing(struct vlimits *limits)
{
  *limits = (struct vlimits){ .flags = 0 };
  for (size_t i = 0; i < VLIMITS; i++) limits->value[i] = known[i].absent;
}

char const *vlimits_key(enum vlimit which)
{
  return known[which].key;
}

/* ---- lines ---- */

struct word { char const *s; size_t len; };

/* Cuts it off the text, which is not empty. */
static struct word next_line(struct word *text)
{
  char const *newline = memchr(text->s, '\n', text->len);
  struct word line = { text->s, newline ? (size_t)(newline + 1 - text->s) : text->len };
  text->s += line.len;
  text->len -= line.len;
  return line;
}

static bool separates(char c)
{
  return c == ' ' || c == '\t' || c == ':' || c == '\r' || c == '\n';
}

/* Cuts it off the line; empty when there is none left. */
static struct word next_word(struct word *line)
{
  size_t from = 0, to;
  while (from < line->len && separates(line->s[from])) from++;
  for (to = from; to < line->len && !separates(line->s[to]);) to++;
  struct word w = { line->s + from, to - from };
  line->s += to;
  line->len -= to;
  return w;
}

/* VLIMITS: it is none. */
static size_t limit_of(struct word key)
{
  size_t i = 0;
  while (i < VLIMITS && (strlen(known[i].key) != key.len || strncasecmp(known[i].key, key.s, key.len) != 0)) i++;
  return i;
}

/* ---- reading ---- */

static bool number(int64_t *n, struct word w)
{
  bool negative = w.len && w.s[0] == '-';
  if (w.len == negative) return false;
  *n = 0;
  for (size_t i = negative; i < w.len; i++) {
    if (w.s[i] < '0' || w.s[i] > '9' || *n > SIZE_TOP) return false;
    *n = 10 * *n + (w.s[i] - '0');
  }
  if (negative) *n = -*n;
  return true;
}

static bool parse_line(struct vlimits *limits, struct vlimits_slip *slip, struct word line)
{
  struct word const key = next_word(&line), value = next_word(&line);
  size_t const i = limit_of(key);
  uint32_t const flag = vflags_of_word(key.s, key.len);
  int64_t n;
  limits->flags |= flag;
  limits->flags_set |= flag != 0;
  if (i == VLIMITS) return true;
  *slip = (struct vlimits_slip){ slip->line, known[i].key, known[i].reason };
  if (!number(&n, value) || n < known[i].min || n > known[i].max) return false;
  limits->value[i] = n;
  limits->set[i] = true;
  return true;
}

/* Where one of the writers of old puts what belongs to the lists. */
static void move_list_bits(struct vlimits *limits)
{
  int64_t *quota = &limits->value[VLIMIT_PERM_QUOTA], *lists = &limits->value[VLIMIT_PERM_MAILLIST];
  if (*quota <= PERM_MAX) return;
  *lists |= *quota & ~(int64_t)PERM_MAX;
  *quota &= PERM_MAX;
  limits->set[VLIMIT_PERM_MAILLIST] = true;
}

bool vlimits_parse(struct vlimits *limits, struct vlimits_slip *slip, char const *s, size_t len)
{
  struct word text = { s, len };
  vlimits_nothing(limits);
  *slip = (struct vlimits_slip){ .line = 0 };
  while (text.len) {
    slip->line++;
    if (!parse_line(limits, slip, next_line(&text))) return false;
  }
  move_list_bits(limits);
  return true;
}

void vlimits_merge(struct vlimits *limits, struct vlimits const *over)
{
  for (size_t i = 0; i < VLIMITS; i++) {
    if (!over->set[i]) continue;
    limits->value[i] = over->value[i];
    limits->set[i] = true;
  }
  if (!over->flags_set) return;
  limits->flags = over->flags;
  limits->flags_set = true;
}

/* ---- writing ---- */

/* What is still to be said. */
struct rest { bool limit[VLIMITS]; uint32_t flags; };

static int add_limit(stralloc *to, size_t which, int64_t value)
{
  char digits[1 + UINT64_FMT];
  return bytes_add(to, known[which].key) && bytes_add(to, " ")
      && bytes_addb(to, digits, int64_fmt(digits, value)) && bytes_add(to, "\n");
}

static int add_line(stralloc *to, struct word line)
{
  return bytes_addb(to, line.s, line.len) && (line.s[line.len - 1] == '\n' || bytes_add(to, "\n"));
}

static int again_flag(stralloc *to, struct word line, uint32_t flag, struct rest *rest)
{
  if (!(rest->flags & flag)) return 1;
  rest->flags &= ~flag;
  return add_line(to, line);
}

static int again_limit(stralloc *to, struct word line, struct word text, size_t which, struct rest *rest, int64_t value)
{
  int64_t said;
  if (!rest->limit[which]) return 1;
  rest->limit[which] = false;
  return number(&said, text) && said == value ? add_line(to, line) : add_limit(to, which, value);
}

/* A line that says nothing, something that holds, or something that does not. */
static int again(stralloc *to, struct word line, struct rest *rest, struct vlimits const *limits)
{
  struct word words = line;
  struct word const key = next_word(&words), text = next_word(&words);
  size_t const which = limit_of(key);
  uint32_t const flag = vflags_of_word(key.s, key.len);
  if (flag) return again_flag(to, line, flag, rest);
  if (which < VLIMITS) return again_limit(to, line, text, which, rest, limits->value[which]);
  return add_line(to, line);
}

static int add_rest(stralloc *to, struct rest const *rest, struct vlimits const *limits)
{
  for (size_t i = 0; i < VLIMITS; i++)
    if (rest->limit[i] && !add_limit(to, i, limits->value[i])) return 0;
  for (struct vflag const *f = vflags; f->bit; f++)
    if (f->word && rest->flags & f->bit && !(bytes_add(to, f->word) && bytes_add(to, "\n"))) return 0;
  return 1;
}

int vlimits_format(stralloc *to, char const *s, size_t len, struct vlimits const *limits)
{
  struct rest rest = { .flags = limits->flags };
  size_t const was = to->len;
  struct word text = { s, len };
  memcpy(rest.limit, limits->set, sizeof rest.limit);
  bool done = true;
  while (done && text.len) done = again(to, next_line(&text), &rest, limits);
  if (done && add_rest(to, &rest, limits)) return 1;
  to->len = was;
  return 0;
}
