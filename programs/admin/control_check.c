#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "control_check.h"
#include "near_miss.h"
#include "nameset.h"
#include "text.h"

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
  bool indented = line.len && (line.s[0] == ' ' || line.s[0] == '\t');
  if (!line.len) problem(to, file->name, "empty, which is an empty value and not the default: remove the file", "", "");
  else if (indented) problem_line(to, file->name, &line, "blanks in front belong to the value");
  else if (why) problem_line(to, file->name, &line, why);
  check_rest_of_file(to, file, text);
}

static bool above(char const *digits, size_t len, unsigned long most)
{
  unsigned long n = 0;
  for (size_t i = 0; i < len; i++)
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (unsigned long)(digits[i] - '0'), &n))
      return true;
  return most && n > most;
}

static void check_number(struct findings *to, struct control_file const *file, stralloc const *text)
{
  struct control_line line = { .s = "", .number = 1 };
  size_t at = 0, n = 0;
  control_next_line(text, &at, &line);
  while (n < line.len && line.s[n] >= '0' && line.s[n] <= '9') n++;
  if (!n) problem_line(to, file->name, &line, file->absent ? "no number, so the default stays" : "no number");
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

static void check_secrets(struct findings *to, struct control_file const *file, stralloc const *text)
{
  struct control_line line;
  for (size_t at = 0; control_next_entry(text, &at, &line);) {
    char const *why = file->judge(line.s, line.len);
    if (why) problem_secret(to, file->name, &line, why);
  }
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
    case FORM_SECRETS: check_secrets(to, file, text); break;
    case FORM_TEXT: check_text(to, file, text); break;
    case FORM_CDB: break;
  }
}

/* Whose it must be is found by name: numbers differ from host to host. */
static void check_secrecy(struct findings *to, struct control_file const *file, struct stat const *st)
{
  struct passwd const *reader = getpwnam("qmailr");
  if (st->st_mode & (S_IRWXG | S_IRWXO))
    problem(to, file->name, "others can read the passwords in it, or change them: ", "chmod 400", "");
  if (reader && st->st_uid != reader->pw_uid)
    problem(to, file->name, "not owned by qmailr, who alone needs it: ", "chown qmailr", "");
}

static bool holds(stralloc const *text, char c)
{
  return text->len && memchr(text->s, c, text->len);
}

static bool begins_with_mark(stralloc const *text)
{
  return text->len >= 3 && memcmp(text->s, "\xef\xbb\xbf", 3) == 0;
}

void check_control_file(struct findings *to, struct control_dir const *dir, struct control_file const *file)
{
  struct control_state const *state = dir->states + (file - control_files);
  if (state->presence == IS_ABSENT) return;
  if (state->presence == IS_TROUBLE) {
    problem(to, file->name, "unable to read: ", strerror(state->error), "");
    return;
  }
  if (file->form == FORM_SECRETS) check_secrecy(to, file, &state->st);
  else if (!(state->st.st_mode & S_IROTH))
    problem(to, file->name, "not readable for all: the programs that need it run as several users; ", "chmod 644", "");
  if (file->form == FORM_CDB) return;
  if (holds(&state->text, '\r'))
    problem(to, file->name, "lines end with CR LF, and the CR belongs to the value: remove it", "", "");
  else if (holds(&state->text, 0)) problem(to, file->name, "NUL bytes: this is no text", "", "");
  else if (begins_with_mark(&state->text))
    problem(to, file->name, "begins with a byte order mark, which belongs to the value: remove it", "", "");
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
    if (check_control_foreign(to, name)) continue;
    if (is_leftover(name)) note(to, name, 0, "a leftover copy: nobody reads it");
    else if (meant) problem(to, name, "nobody reads this file: is ", meant, " meant?");
    else note(to, name, 0, "no program of this system reads this file");
  }
}

void check_everything(struct findings *to, struct control_dir const *dir)
{
  for (struct control_file const *f = control_files; f->name; f++) check_control_file(to, dir, f);
  check_control_unknown(to, dir);
  check_control_together(to, dir);
  check_virtual_users(to, dir);
  check_primaries(to, dir);
  check_services(to);
  check_alias_tables(to);
  check_serial_sites(to);
  check_callers(to, dir);
  check_accounts(to, dir);
  check_name_servers(to);
  check_dns_lists(to, dir);
}
