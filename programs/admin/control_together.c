#include <string.h>

#include "control_check.h"
#include "filters_max.h"
#include "nameset.h"
#include "text.h"

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
  if (is_absent(dir, "me")) problem(to, "me", "missing: this host has no name; run qmail-config NAME", "", "");
  if (is_absent(dir, "rcpthosts"))
    problem(to, "rcpthosts", "missing: the whole world could relay through this host, ",
            "so the SMTP service does not start", "");
  if (is_absent(dir, "concurrencyincoming"))
    problem(to, "concurrencyincoming", "missing: the SMTP service does not start", "", "");
}

static void check_virtual_against_locals(struct findings *to, struct control_dir const *dir)
{
  struct nameset locals = set_of(dir, "locals");
  struct control_line line;
  stralloc const *text = &control_state_of(dir, "virtualdomains")->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *colon = memchr(line.s, ':', line.len);
    if (colon && nameset_has(&locals, line.s, (size_t)(colon - line.s)))
      problem_line(to, "virtualdomains", &line,
                   "the domain is in locals too, which goes first: this line is never used");
  }
  nameset_free(&locals);
}

static void check_primary_is_elsewhere(struct findings *to, struct control_dir const *dir)
{
  struct nameset locals = set_of(dir, "locals"), virtual = set_of(dir, "virtualdomains");
  struct control_line line;
  stralloc const *text = &control_state_of(dir, "primary")->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *colon = memchr(line.s, ':', line.len);
    size_t len = colon ? (size_t)(colon - line.s) : 0;
    if (nameset_has(&locals, line.s, len) || nameset_has(&virtual, line.s, len))
      problem_line(to, "primary", &line, "mail for it stays on this host, so that nobody is asked");
  }
  nameset_free(&locals);
  nameset_free(&virtual);
}

static void check_percenthack(struct findings *to, struct control_dir const *dir)
{
  struct nameset accepted = set_of(dir, "rcpthosts");
  struct control_line line;
  stralloc const *text = &control_state_of(dir, "percenthack")->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);)
    if (nameset_has(&accepted, line.s, line.len))
      problem_line(to, "percenthack", &line,
                   "the domain is in rcpthosts too, so that anybody can relay as user%host@domain");
  nameset_free(&accepted);
}

static bool is_accepted(struct nameset const *accepted, char const *s, size_t len)
{
  struct field value;
  return nameset_has(accepted, s, len) || nameset_find_domain(accepted, s, len, &value) == 1;
}

/* A name without a dot is never sent to from outside. */
static bool is_for_outside(char const *s, size_t len)
{
  return len && s[0] != '.' && !memchr(s, '@', len) && memchr(s, '.', len);
}

/* Each of the names, and of a map its whole domains, is one that outside hosts may send to. */
static void check_accepted(struct findings *to, struct control_dir const *dir, char const *file,
                           struct nameset const *accepted, struct nameset const *more)
{
  struct control_line line;
  stralloc const *text = &control_state_of(dir, file)->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *colon = memchr(line.s, ':', line.len);
    size_t len = colon ? (size_t)(colon - line.s) : line.len;
    if (!is_for_outside(line.s, len)) continue;
    if (is_accepted(accepted, line.s, len) || is_accepted(more, line.s, len)) continue;
    problem_line(to, file, &line, "the name is not in rcpthosts, so that other hosts cannot send to it");
  }
}

static void check_rcpthosts(struct findings *to, struct control_dir const *dir)
{
  if (is_absent(dir, "rcpthosts")) return;
  if (is_absent(dir, "morercpthosts") && !is_absent(dir, "morercpthosts.cdb")) return;
  struct nameset accepted = set_of(dir, "rcpthosts"), more = set_of(dir, "morercpthosts");
  check_accepted(to, dir, "locals", &accepted, &more);
  check_accepted(to, dir, "virtualdomains", &accepted, &more);
  check_accepted(to, dir, "primary", &accepted, &more);
  nameset_free(&accepted);
  nameset_free(&more);
}

static void check_me_is_local(struct findings *to, struct control_dir const *dir)
{
  struct nameset locals = set_of(dir, "locals"), virtual = set_of(dir, "virtualdomains");
  stralloc me = STRALLOC_ZERO;
  bool is_default;
  if (control_value(dir, control_file_of("me"), &me, &is_default) &&
      !nameset_has(&locals, me.s, me.len) && !nameset_has(&virtual, me.s, me.len))
    note(to, "locals", 0, "this host's own name is not in it: mail to it leaves this host");
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
    problem(to, "morercpthosts.cdb", "missing, so that morercpthosts has no effect: qmailctl cdb", "", "");
  if (source->presence == IS_ABSENT && cdb->presence == IS_PRESENT)
    problem(to, "morercpthosts.cdb", "its source morercpthosts is gone, but it counts", "", "");
  if (source->presence == IS_PRESENT && cdb->presence == IS_PRESENT && is_older(&cdb->st, &source->st))
    problem(to, "morercpthosts.cdb", "older than morercpthosts: qmailctl cdb", "", "");
  if (source->presence == IS_PRESENT && is_absent(dir, "rcpthosts"))
    problem(to, "morercpthosts", "without rcpthosts it has no effect", "", "");
}

static void check_names_cdb(struct findings *to, char const *name)
{
  switch (cdb_state_of(control_file_of(name))) {
    case NAMESET_CDB_OTHER:
      problem(to, name, "not of the text as it stands, so that all of the text is read: qmailctl cdb", "", "");
      return;
    case NAMESET_CDB_MISSING:
      problem(to, name, "missing, so that all of a large text is read for each connection: qmailctl cdb", "", "");
      return;
    default: return;
  }
}

static void check_count_of_filters(struct findings *to, struct control_dir const *dir)
{
  struct control_line line;
  size_t count = 0;
  stralloc const *text = &control_state_of(dir, "filters")->text;
  for (size_t at = 0; control_next_entry(text, &at, &line);)
    if (++count == FILTERS_MAX + 1) problem_line(to, "filters", &line, "more than 16 filters, so that no message is taken");
}

void check_control_together(struct findings *to, struct control_dir const *dir)
{
  check_needed(to, dir);
  check_virtual_against_locals(to, dir);
  check_primary_is_elsewhere(to, dir);
  check_percenthack(to, dir);
  check_rcpthosts(to, dir);
  check_me_is_local(to, dir);
  check_morercpthosts(to, dir);
  check_count_of_filters(to, dir);
  check_names_cdb(to, "virtualdomains.cdb");
  check_names_cdb(to, "rcpthosts.cdb");
  check_names_cdb(to, "primary.cdb");
  check_names_cdb(to, "validrcptto.cdb");
}
