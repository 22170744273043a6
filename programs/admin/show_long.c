#include <string.h>

#include "json.h"
#include "show.h"
#include "text.h"

enum { ENTRIES_SHOWN = 20 };

/* ---- what both forms need to know ---- */

static bool is_about(struct finding const *f, char const *name)
{
  return strncmp(f->where, "control/", 8) == 0 && strcmp(f->where + 8, name) == 0;
}

static bool is_elsewhere(struct finding const *f)
{
  return strncmp(f->where, "control/", 8) != 0;
}

static bool has_entries(struct control_file const *file)
{
  return file->form == FORM_NAMES || file->form == FORM_MAP || file->form == FORM_TEXT;
}

static bool next_shown(struct control_file const *file, stralloc const *text, size_t *at, struct control_line *line)
{
  return file->form == FORM_TEXT ? control_next_line(text, at, line) : control_next_entry(text, at, line);
}

static char const *source_of(struct control_state const *state, struct control_file const *file)
{
  if (state->presence != IS_ABSENT) return "file";
  if (!file->absent) return "none";
  return file->absent == ABSENT_ME ? "me" : "default";
}

/* ---- for people ---- */

static void line_of(char const *what, char const *text)
{
  show_string("    ");
  show_string(what);
  show_string(text);
  show_string("\n");
}

static void long_entries(struct control_file const *file, stralloc const *text)
{
  struct control_line line;
  size_t n = 0, at = 0;
  while (next_shown(file, text, &at, &line)) {
    if (++n > ENTRIES_SHOWN) continue;
    show_string("        ");
    show_text(line.s, line.len);
    show_string("\n");
  }
  if (n > ENTRIES_SHOWN) {
    show_string("        and ");
    show_number(n - ENTRIES_SHOWN);
    show_string(" more\n");
  }
  if (!n) show_string("        (no entry)\n");
}

static void long_value(struct control_dir const *dir, struct control_state const *state,
                       struct control_file const *file)
{
  stralloc value = STRALLOC_ZERO;
  bool is_default;
  if (file->form == FORM_SECRETS && state->presence == IS_PRESENT) show_string(" (not shown)");
  else if (file->form != FORM_CDB && state->presence != IS_TROUBLE &&
      (!has_entries(file) || state->presence == IS_ABSENT) && control_value(dir, file, &value, &is_default)) {
    show_string(" ");
    show_text(value.s, value.len);
    if (is_default) show_string(file->absent == ABSENT_ME ? "   (from me)" : "   (default)");
  } else if (state->presence == IS_ABSENT) show_string(" (no such file)");
  show_string("\n");
  if (has_entries(file) && state->presence == IS_PRESENT) long_entries(file, &state->text);
  stralloc_free(&value);
}

static void long_finding(struct finding const *f)
{
  show_string(f->is_note ? "    note: " : "    PROBLEM: ");
  if (f->line) {
    show_string("line ");
    show_number(f->line);
    show_string(": ");
  }
  show_text(f->text, strlen(f->text));
  show_string("\n");
}

static void long_findings(struct findings const *findings, char const *name)
{
  for (size_t i = 0; i < findings->count; i++)
    if (is_about(findings->list + i, name)) long_finding(findings->list + i);
}

static void long_elsewhere(struct findings const *findings)
{
  for (size_t i = 0; i < findings->count; i++) {
    struct finding const *f = findings->list + i;
    if (!is_elsewhere(f)) continue;
    show_string("\n");
    show_string(f->where);
    show_string(":\n");
    long_finding(f);
  }
}

void show_long(struct control_dir const *dir, struct findings const *findings)
{
  for (size_t i = 0; i < control_file_count; i++) {
    struct control_file const *file = control_files + i;
    if (i) show_string("\n");
    show_string(file->name);
    show_string(":");
    long_value(dir, dir->states + i, file);
    line_of("", file->meaning);
    line_of("read by: ", file->readers);
    line_of("after a change: ", file->change);
    long_findings(findings, file->name);
  }
  for (size_t i = 0; i < dir->unknown.len; i += strlen(dir->unknown.s + i) + 1) {
    show_string("\n");
    show_text(dir->unknown.s + i, strlen(dir->unknown.s + i));
    show_string(":\n");
    long_findings(findings, dir->unknown.s + i);
  }
  long_elsewhere(findings);
}

/* ---- for programs ---- */

static void json_bytes(char const *s, size_t len)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  if (!json_text(&text, s, len)) die_nomem();
  show_string(text_z(&text));
}

static void json_string(char const *s)
{
  json_bytes(s, strlen(s));
}

static void json_member(char const *name, char const *value)
{
  json_string(name);
  show_string(":");
  json_string(value);
  show_string(",");
}

static void json_entries(struct control_file const *file, stralloc const *text)
{
  struct control_line line;
  char const *comma = "";
  show_string("[");
  for (size_t at = 0; next_shown(file, text, &at, &line); comma = ",") {
    show_string(comma);
    json_bytes(line.s, line.len);
  }
  show_string("]");
}

static void json_value(struct control_dir const *dir, struct control_state const *state,
                       struct control_file const *file)
{
  stralloc value = STRALLOC_ZERO;
  bool is_default;
  show_string("\"value\":");
  if (state->presence == IS_TROUBLE || file->form == FORM_CDB || file->form == FORM_SECRETS) show_string("null");
  else if (has_entries(file) && state->presence == IS_PRESENT) json_entries(file, &state->text);
  else if (!control_value(dir, file, &value, &is_default)) show_string(has_entries(file) ? "[]" : "null");
  else if (has_entries(file)) json_entries(file, &value);
  else json_bytes(value.s, value.len);
  show_string(",");
  stralloc_free(&value);
}

static void json_findings(struct findings const *findings, char const *name, bool notes)
{
  char const *comma = "";
  show_string(notes ? "\"notes\":[" : "\"problems\":[");
  for (size_t i = 0; i < findings->count; i++) {
    struct finding const *f = findings->list + i;
    if (f->is_note != notes || (name ? !is_about(f, name) : !is_elsewhere(f))) continue;
    show_string(comma);
    show_string("{");
    if (!name) json_member("where", f->where);
    show_string("\"line\":");
    if (f->line) show_number(f->line);
    else show_string("null");
    show_string(",\"text\":");
    json_string(f->text);
    show_string("}");
    comma = ",";
  }
  show_string("]");
}

static void json_file(struct control_dir const *dir, struct control_file const *file, struct findings const *findings)
{
  struct control_state const *state = dir->states + (file - control_files);
  show_string("{");
  json_member("name", file->name);
  json_member("form", control_form_text(file->form));
  json_member("meaning", file->meaning);
  json_member("read_by", file->readers);
  json_member("after_a_change", file->change);
  json_member("source", source_of(state, file));
  json_value(dir, state, file);
  json_findings(findings, file->name, false);
  show_string(",");
  json_findings(findings, file->name, true);
  show_string("}");
}

static void json_unknown(char const *name, struct findings const *findings)
{
  show_string("{");
  json_member("name", name);
  json_findings(findings, name, false);
  show_string(",");
  json_findings(findings, name, true);
  show_string("}");
}

void show_json(struct control_dir const *dir, struct findings const *findings)
{
  show_string("{\"files\":[");
  for (size_t i = 0; i < control_file_count; i++) {
    if (i) show_string(",\n");
    json_file(dir, control_files + i, findings);
  }
  show_string("],\n\"unknown\":[");
  for (size_t i = 0; i < dir->unknown.len; i += strlen(dir->unknown.s + i) + 1) {
    if (i) show_string(",\n");
    json_unknown(dir->unknown.s + i, findings);
  }
  show_string("],\n");
  json_findings(findings, 0, false);
  show_string("}\n");
}
