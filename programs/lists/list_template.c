#include <string.h>

#include "list_template.h"
#include "text.h"

static struct field part(struct field f, size_t from, size_t to)
{
  return (struct field){ f.s + from, to - from };
}

static size_t find(struct field f, char c)
{
  char const *at = f.len ? memchr(f.s, c, f.len) : 0;
  return at ? (size_t)(at - f.s) : f.len;
}

static bool has(struct field f, char c) { return find(f, c) < f.len; }

static struct field next_line(struct field *rest)
{
  struct field line = part(*rest, 0, find(*rest, '\n'));
  size_t skip = line.len + (line.len < rest->len);
  *rest = part(*rest, skip, rest->len);
  return line;
}

struct field template_version(struct field *rest)
{
  return next_line(rest);
}

/* ---- flags ---- */

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* E speaks of what an owner may have changed: of a file that is there, and of anything else as if it were. */
static void spare(struct template_step *step, struct template_facts const *facts)
{
  if (!facts->editing || facts->rewriting) return;
  if (step->kind == TEMPLATE_FILE) step->spares = true;
  else step->holds = false;
}

static bool is_on(char lower, struct template_facts const *facts)
{
  return lower == 'e' ? facts->editing : facts->letters[lower - 'a'];
}

static void apply_flag(struct template_step *step, char c, bool negated, struct template_facts const *facts)
{
  if (is_digit(c)) {
    if ((facts->arguments[c - '0'].len > 0) == negated) step->holds = false;
    return;
  }
  bool off = is_upper(c) != negated;
  char lower = is_upper(c) ? (char)(c - 'A' + 'a') : c;
  if (lower == 'e' && off) spare(step, facts);
  else if (is_on(lower, facts) == off) step->holds = false;
}

static void apply_flags(struct template_step *step, struct field flags, struct template_facts const *facts)
{
  bool negated = false;
  for (size_t i = 0; i < flags.len; i++) {
    char c = flags.s[i];
    if (c == '^') { negated = true; continue; }
    if (!is_lower(c) && !is_upper(c) && !is_digit(c)) { step->kind = TEMPLATE_NO_FLAG; return; }
    apply_flag(step, c, negated, facts);
    negated = false;
  }
}

/* ---- tags ---- */

static enum template_kind kind_of(char c)
{
  switch (c) {
    case '-': return TEMPLATE_REMOVE;
    case '+': return TEMPLATE_DIRECTORY;
    case ':': return TEMPLATE_LINK;
    default: return TEMPLATE_FILE;
  }
}

static void cut_link(struct template_step *step)
{
  size_t slash = find(step->name, '/');
  step->link = part(step->name, 0, slash);
  step->name = part(step->name, slash + (slash < step->name.len), step->name.len);
  if (!step->name.len) step->kind = TEMPLATE_NO_TARGET;
}

/* Nothing leads out of the list; a period was refused before. */
static bool is_name(struct template_step const *step)
{
  if (!step->name.len) return step->kind == TEMPLATE_FILE;
  return step->name.s[0] != '/' && !has(step->name, 0) && !has(step->link, 0);
}

static void read_tag(struct template_step *step, struct field inside, struct template_facts const *facts)
{
  size_t hash = find(inside, '#');
  step->name = part(inside, 0, hash);
  step->kind = step->name.len ? kind_of(*step->name.s) : TEMPLATE_FILE;
  if (step->kind != TEMPLATE_FILE) step->name = part(step->name, 1, step->name.len);
  if (step->kind == TEMPLATE_LINK) cut_link(step);
  if (step->kind == TEMPLATE_NO_TARGET) return;
  if (!is_name(step)) { step->kind = TEMPLATE_NO_NAME; return; }
  if (hash < inside.len) apply_flags(step, part(inside, hash + 1, inside.len), facts);
}

void template_next(struct template_step *step, struct field *rest, struct template_facts const *facts)
{
  *step = (struct template_step){ .kind = TEMPLATE_END, .holds = true };
  do {
    if (!rest->len) return;
    step->line = next_line(rest);
  } while (step->line.len && step->line.s[0] == '#');
  struct field line = step->line;
  if (line.len < 2 || memcmp(line.s, "</", 2) != 0) step->kind = TEMPLATE_TEXT;
  else if (has(line, '.')) step->kind = TEMPLATE_PERIOD;
  else if (line.len < 4 || memcmp(line.s + line.len - 2, "/>", 2) != 0) step->kind = TEMPLATE_UNENDED;
  else read_tag(step, part(line, 2, line.len - 2), facts);
}

/* ---- text ---- */

static void add(stralloc *to, struct field f) { text_addb(to, f.s, f.len); }

static void add_letters(stralloc *to, struct template_facts const *facts)
{
  text_addc(to, '-');
  for (int i = 0; i < TEMPLATE_LETTERS; i++) text_addc(to, (char)((facts->letters[i] ? 'a' : 'A') + i));
}

static bool add_value(stralloc *to, char tag, struct template_facts const *facts)
{
  if (is_digit(tag)) return add(to, facts->arguments[tag - '0']), true;
  switch (tag) {
    case 'B': add(to, facts->programs); return true;
    case 'C': add(to, facts->code); return true;
    case 'D': add(to, facts->dir); return true;
    case 'F': add_letters(to, facts); return true;
    case 'H': add(to, facts->host); return true;
    case 'L': add(to, facts->local); return true;
    case 'T': add(to, facts->dot); return true;
    case 'X': add(to, facts->chosen); return true;
    default: return false;
  }
}

static bool is_tag(struct field at)
{
  return at.len >= 5 && at.s[0] == '<' && at.s[1] == '#' && at.s[3] == '#' && at.s[4] == '>';
}

void template_fill(stralloc *to, struct field line, struct template_facts const *facts)
{
  while (line.len) {
    size_t used = is_tag(line) && add_value(to, line.s[2], facts) ? 5 : 1;
    if (used == 1) text_addc(to, *line.s);
    line = part(line, used, line.len);
  }
}

void template_words(struct template_facts *facts)
{
  char const *slash = facts->dot.len ? memrchr(facts->dot.s, '/', facts->dot.len) : 0;
  struct field rest = slash ? part(facts->dot, (size_t)(slash + 1 - facts->dot.s), facts->dot.len) : facts->dot;
  for (int word = 1; word <= 2; word++) {
    size_t hyphen = find(rest, '-');
    rest = part(rest, hyphen + (hyphen < rest.len), rest.len);
    facts->arguments[word] = has(rest, '-') ? part(rest, 0, find(rest, '-')) : (struct field){ "", 0 };
  }
}
