#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "control_check.h"
#include "near_miss.h"
#include "nameset.h"
#include "text.h"

enum { SHOWN_MAX = 100 };   /* bytes of a wrong line that are repeated */

/* ---- the list ---- */

static char *kept(stralloc *text)
{
  char *s = strdup(text_z(text));
  if (!s) die_nomem();
  return s;
}

static void add(struct findings *to, bool is_note, char const *where, size_t line, stralloc *text)
{
  stralloc path = STRALLOC_ZERO;
  if (to->count == to->room) {
    to->room = to->room ? 2 * to->room : 16;
    to->list = reallocarray(to->list, to->room, sizeof *to->list);
    if (!to->list) die_nomem();
  }
  text_set(&path, where);
  to->list[to->count++] = (struct finding){ .where = kept(&path), .line = line, .text = kept(text), .is_note = is_note };
  stralloc_free(&path);
}

static void tell(struct findings *to, bool is_note, char const *file, size_t line, char const *a, char const *b, char const *c)
{
  stralloc text = STRALLOC_ZERO, where = STRALLOC_ZERO;
  text_set(&text, a);
  text_add(&text, b);
  text_add(&text, c);
  text_set(&where, "control/");
  text_add(&where, file);
  add(to, is_note, text_z(&where), line, &text);
  stralloc_free(&text);
  stralloc_free(&where);
}

static void problem(struct findings *to, char const *file, size_t line, char const *a, char const *b, char const *c)
{
  tell(to, false, file, line, a, b, c);
}

static void note(struct findings *to, char const *file, size_t line, char const *a, char const *b, char const *c)
{
  tell(to, true, file, line, a, b, c);
}

/* A sentence about a line, with the line behind it. */
static void problem_line(struct findings *to, char const *file, struct control_line const *line, char const *why)
{
  stralloc shown = STRALLOC_ZERO;
  text_setb(&shown, line->s, line->len < SHOWN_MAX ? line->len : SHOWN_MAX);
  problem(to, file, line->number, why, ": ", text_z(&shown));
  stralloc_free(&shown);
}

size_t findings_problems(struct findings const *f)
{
  size_t n = 0;
  for (size_t i = 0; i < f->count; i++) n += !f->list[i].is_note;
  return n;
}

/* ---- one file by its form ---- */

static void check_rest_of_file(struct findings *to, struct control_file const *file, stralloc const *text)
{
  struct control_line line;
  size_t at = 0;
  if (!control_next_line(text, &at, &line)) return;
  while (control_next_line(text, &at, &line))
    if (line.len) {
      problem_line(to, file->name, &line, "only the first line counts, this one is never read");
      return;
    }
}

static void check_one_line(struct findings *to, struct control_file const *file, stralloc const *text)
{
  struct control_line line = { .s = "", .number = 1 };
  size_t at = 0;
  control_next_line(text, &at, &line);
  char const *why = file->judge && line.len ? file->judge(line.s, line.len) : 0;
  if (!line.len) problem(to, file->name, 0, "empty, which is an empty value and not the default: remove the file", "", "");
  else if (line.s[0] == ' ' || line.s[0] == '\t') problem_line(to, file->name, &line, "blanks in front belong to the value");
  else if (why) problem_line(to, file->name, &line, why);
  check_rest_of_file(to, file, text);
}

static bool above(char const *digits, size_t len, unsigned long most)
{
  unsigned long n = 0;
  for (size_t i = 0; i < len; i++)
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (unsigned long)(digits[i] - '0'), &n)) return true;
  return most && n > most;
}

static void check_number(struct findings *to, struct control_file const *file, stralloc const *text)
{
  struct control_line line = { .s = "", .number = 1 };
  size_t at = 0, n = 0;
  control_next_line(text, &at, &line);
  while (n < line.len && line.s[n] >= '0' && line.s[n] <= '9') n++;
  if (!n) problem_line(to, file->name, &line, "no number, so the default stays");
  else if (n < line.len) problem_line(to, file->name, &line, "what follows the number is ignored");
  else if (above(line.s, n, file->most)) problem_line(to, file->name, &line, "more than can be, it is cut");
  check_rest_of_file(to, file, text);
}

/* Of equal names the last counts: the others' values differ from what the map answers. */
static void check_overridden(struct findings *to, struct control_file const *file, struct nameset const *map,
                             struct control_line const *line)
{
  char const *colon = memchr(line->s, ':', line->len);
  size_t len = 0;
  if (!colon) return;
  char const *value = nameset_value(map, line->s, (size_t)(colon - line->s), &len);
  size_t ours = line->len - (size_t)(colon + 1 - line->s);
  if (value && (len != ours || memcmp(value, colon + 1, len) != 0))
    problem_line(to, file->name, line, "a later line speaks for the same name, so this one is never used");
}

static void check_entries(struct findings *to, struct control_file const *file, stralloc const *text)
{
  struct nameset map = NAMESET_ZERO;
  struct control_line line;
  if (file->form == FORM_MAP && !nameset_map(&map, text->s, text->len)) die_nomem();
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *why = file->judge ? file->judge(line.s, line.len) : 0;
    if (why) problem_line(to, file->name, &line, why);
    if (file->form == FORM_MAP) check_overridden(to, file, &map, &line);
  }
  nameset_free(&map);
}

static void check_text(struct findings *to, struct control_file const *file, stralloc const *text)
{
  struct control_line line;
  for (size_t at = 0; control_next_line(text, &at, &line);) {
    char const *why = file->judge && line.len ? file->judge(line.s, line.len) : 0;
    if (why) problem_line(to, file->name, &line, why);
  }
}

static void check_form(struct findings *to, struct control_file const *file, stralloc const *text)
{
  switch (file->form) {
    case FORM_LINE: check_one_line(to, file, text); break;
    case FORM_NUMBER: check_number(to, file, text); break;
    case FORM_NAMES: case FORM_MAP: check_entries(to, file, text); break;
    case FORM_TEXT: check_text(to, file, text); break;
    case FORM_CDB: break;
  }
}

static bool holds(stralloc const *text, char c)
{
  return text->len && memchr(text->s, c, text->len);
}

void check_control_file(struct findings *to, struct control_dir const *dir, struct control_file const *file)
{
  struct control_state const *state = dir->states + (file - control_files);
  if (state->presence == IS_ABSENT) return;
  if (state->presence == IS_TROUBLE) {
    problem(to, file->name, 0, "unable to read: ", strerror(state->error), "");
    return;
  }
  if (!(state->st.st_mode & S_IROTH))
    problem(to, file->name, 0, "not readable for all: the programs that need it run as several users; chmod 644", "", "");
  if (file->form == FORM_CDB) return;
  if (holds(&state->text, '\r')) problem(to, file->name, 0, "lines end with CR LF, and the CR belongs to the value: remove it", "", "");
  else if (holds(&state->text, 0)) problem(to, file->name, 0, "NUL bytes: this is no text", "", "");
  else check_form(to, file, &state->text);
}

/* ---- files nobody knows ---- */

static char const *const *known_names(void)
{
  static char const **names;
  if (names) return names;
  names = calloc(control_file_count + 1, sizeof *names);
  if (!names) die_nomem();
  for (size_t i = 0; i < control_file_count; i++) names[i] = control_files[i].name;
  return names;
}

/* "me~", "locals.bak", "rcpthosts.dpkg-old": a known name with something behind it. */
static bool is_leftover(char const *name)
{
  size_t len = strcspn(name, "~.,");
  stralloc stem = STRALLOC_ZERO;
  text_setb(&stem, name, len);
  bool known = name[len] && control_file_of(text_z(&stem));
  stralloc_free(&stem);
  return known;
}

void check_control_unknown(struct findings *to, struct control_dir const *dir)
{
  for (size_t i = 0; i < dir->unknown.len; i += strlen(dir->unknown.s + i) + 1) {
    char const *name = dir->unknown.s + i;
    char const *meant = near_miss(name, known_names());
    if (is_leftover(name)) note(to, name, 0, "a leftover copy: nobody reads it", "", "");
    else if (meant) problem(to, name, 0, "nobody reads this file: is ", meant, " meant?");
    else note(to, name, 0, "no program of this system reads this file", "", "");
  }
}

/* ---- files that must agree ---- */

static struct nameset set_of(struct control_dir const *dir, char const *name)
{
  struct nameset set = NAMESET_ZERO;
  struct control_state const *state = control_state_of(dir, name);
  struct control_file const *file = control_file_of(name);
  stralloc value = STRALLOC_ZERO;
  bool is_default, ok = true;
  if (state->presence == IS_PRESENT && file->form == FORM_MAP) ok = nameset_map(&set, state->text.s, state->text.len);
  else if (state->presence == IS_PRESENT) ok = nameset_list(&set, state->text.s, state->text.len);
  else if (control_value(dir, file, &value, &is_default)) ok = nameset_list(&set, value.s, value.len);
  if (!ok) die_nomem();
  stralloc_free(&value);
  return set;
}

static bool is_absent(struct control_dir const *dir, char const *name)
{
  return control_state_of(dir, name)->presence == IS_ABSENT;
}

static void check_needed(struct findings *to, struct control_dir const *dir)
{
  if (is_absent(dir, "me")) problem(to, "me", 0, "missing: this host has no name; run qmail-config NAME", "", "");
  if (is_absent(dir, "rcpthosts"))
    problem(to, "rcpthosts", 0, "missing: the whole world could relay through this host, so the SMTP service does not start", "", "");
  if (is_absent(dir, "concurrencyincoming"))
    problem(to, "concurrencyincoming", 0, "missing: the SMTP service does not start", "", "");
}

static void check_virtual_against_locals(struct findings *to, struct control_dir const *dir)
{
  struct nameset locals = set_of(dir, "locals");
  struct control_line line;
  stralloc const *text = &control_state_of(dir, "virtualdomains")->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *colon = memchr(line.s, ':', line.len);
    if (colon && nameset_has(&locals, line.s, (size_t)(colon - line.s)))
      problem_line(to, "virtualdomains", &line, "the domain is in locals too, which goes first: this line is never used");
  }
  nameset_free(&locals);
}

static void check_percenthack(struct findings *to, struct control_dir const *dir)
{
  struct nameset accepted = set_of(dir, "rcpthosts");
  struct control_line line;
  stralloc const *text = &control_state_of(dir, "percenthack")->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);)
    if (nameset_has(&accepted, line.s, line.len))
      problem_line(to, "percenthack", &line, "the domain is in rcpthosts too, so that anybody can relay as user%host@domain");
  nameset_free(&accepted);
}

static bool is_accepted(struct nameset const *accepted, char const *s, size_t len)
{
  return nameset_has(accepted, s, len) || nameset_domain(accepted, s, len);
}

/* Each of the names, and of a map its whole domains, is one that outside hosts may send to. */
static void check_accepted(struct findings *to, struct control_dir const *dir, char const *file, struct nameset const *accepted)
{
  struct control_line line;
  stralloc const *text = &control_state_of(dir, file)->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *colon = memchr(line.s, ':', line.len);
    size_t len = colon ? (size_t)(colon - line.s) : line.len;
    if (!len || line.s[0] == '.' || memchr(line.s, '@', len) || is_accepted(accepted, line.s, len)) continue;
    note(to, file, line.number, "the name is not in rcpthosts: other hosts cannot send to it", "", "");
  }
}

static void check_rcpthosts(struct findings *to, struct control_dir const *dir)
{
  if (is_absent(dir, "rcpthosts") || !is_absent(dir, "morercpthosts.cdb")) return;
  struct nameset accepted = set_of(dir, "rcpthosts");
  check_accepted(to, dir, "locals", &accepted);
  check_accepted(to, dir, "virtualdomains", &accepted);
  nameset_free(&accepted);
}

static void check_me_is_local(struct findings *to, struct control_dir const *dir)
{
  struct nameset locals = set_of(dir, "locals"), virtual = set_of(dir, "virtualdomains");
  stralloc me = STRALLOC_ZERO;
  bool is_default;
  if (control_value(dir, control_file_of("me"), &me, &is_default) &&
      !nameset_has(&locals, me.s, me.len) && !nameset_has(&virtual, me.s, me.len))
    note(to, "locals", 0, "this host's own name is not in it: mail to it leaves this host", "", "");
  stralloc_free(&me);
  nameset_free(&locals);
  nameset_free(&virtual);
}

static bool is_older(struct stat const *a, struct stat const *b)
{
  return a->st_mtim.tv_sec < b->st_mtim.tv_sec ||
    (a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

static void check_morercpthosts(struct findings *to, struct control_dir const *dir)
{
  struct control_state const *source = control_state_of(dir, "morercpthosts");
  struct control_state const *cdb = control_state_of(dir, "morercpthosts.cdb");
  if (source->presence == IS_PRESENT && cdb->presence == IS_ABSENT)
    problem(to, "morercpthosts.cdb", 0, "missing, so that morercpthosts has no effect: qmailctl cdb", "", "");
  if (source->presence == IS_ABSENT && cdb->presence == IS_PRESENT)
    problem(to, "morercpthosts.cdb", 0, "its source morercpthosts is gone, but it counts", "", "");
  if (source->presence == IS_PRESENT && cdb->presence == IS_PRESENT && is_older(&cdb->st, &source->st))
    problem(to, "morercpthosts.cdb", 0, "older than morercpthosts: qmailctl cdb", "", "");
  if (source->presence == IS_PRESENT && is_absent(dir, "rcpthosts"))
    problem(to, "morercpthosts", 0, "without rcpthosts it has no effect", "", "");
}

void check_control_together(struct findings *to, struct control_dir const *dir)
{
  check_needed(to, dir);
  check_virtual_against_locals(to, dir);
  check_percenthack(to, dir);
  check_rcpthosts(to, dir);
  check_me_is_local(to, dir);
  check_morercpthosts(to, dir);
}

/* ---- variables in rules and env/ ---- */

void check_variable(struct findings *to, char const *path, size_t line, char const *name)
{
  char const *meant = near_miss(name, known_variables);
  stralloc text = STRALLOC_ZERO;
  if (!meant || strcmp(meant, name) == 0) return;
  text_set(&text, "no program knows the variable ");
  text_add(&text, name);
  text_add(&text, ": is ");
  text_add(&text, meant);
  text_add(&text, " meant?");
  add(to, false, path, line, &text);
  stralloc_free(&text);
}

static size_t word_end(struct control_line const *line, size_t from)
{
  while (from < line->len && line->s[from] != '=' && line->s[from] != ',') from++;
  return from;
}

static void check_rule_line(struct findings *to, char const *path, struct control_line const *line)
{
  stralloc name = STRALLOC_ZERO;
  for (size_t i = 0; i < line->len; i++) {
    if (line->s[i] != ',') continue;
    size_t end = word_end(line, i + 1);
    if (end == line->len || line->s[end] != '=') continue;
    text_setb(&name, line->s + i + 1, end - i - 1);
    check_variable(to, path, line->number, text_z(&name));
  }
  stralloc_free(&name);
}

void check_rule_variables(struct findings *to, char const *path, stralloc const *rules)
{
  struct control_line line;
  for (size_t at = 0; control_next_entry(rules, &at, &line);) check_rule_line(to, path, &line);
}

static bool is_rule_source(char const *path)
{
  size_t len = strlen(path);
  return !strchr("~", path[len - 1]) && (len < 4 || (strcmp(path + len - 4, ".cdb") && strcmp(path + len - 4, ".tmp")));
}

static void check_rule_file(struct findings *to, char const *path)
{
  stralloc rules = STRALLOC_ZERO;
  if (is_rule_source(path) && openslurpclose(&rules, path)) check_rule_variables(to, path, &rules);
  stralloc_free(&rules);
}

static void check_env_file(struct findings *to, char const *path)
{
  check_variable(to, path, 0, strrchr(path, '/') + 1);
}

static void for_each(char const *pattern, struct findings *to, void (*check)(struct findings *, char const *))
{
  glob_t found;
  if (glob(pattern, 0, 0, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) check(to, found.gl_pathv[i]);
  globfree(&found);
}

void check_everything(struct findings *to, struct control_dir const *dir)
{
  for (struct control_file const *f = control_files; f->name; f++) check_control_file(to, dir, f);
  check_control_unknown(to, dir);
  check_control_together(to, dir);
  for_each("supervise/*/env/*", to, check_env_file);
  for_each("/etc/tcp.*", to, check_rule_file);
}
