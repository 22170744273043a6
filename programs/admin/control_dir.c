#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "control_dir.h"
#include "text.h"

static void load_file(struct control_state *state, char const *name)
{
  int r = control_slurp(&state->text, name);
  state->presence = r == 1 ? IS_PRESENT : r == 0 ? IS_ABSENT : IS_TROUBLE;
  state->error = r == -1 ? errno : 0;
  if (r == 0) return;
  stralloc path = STRALLOC_ZERO;
  text_set(&path, "control/");
  text_add(&path, name);
  if (stat(text_z(&path), &state->st) == -1) memset(&state->st, 0, sizeof state->st);
  stralloc_free(&path);
}

/* Certificates are no control files; qmail-certificate looks at them. */
static bool is_of_tls(char const *name)
{
  return strcmp(name, "tls") == 0 || strcmp(name, "servercert.pem") == 0;
}

static int is_unknown(struct dirent const *d)
{
  return d->d_name[0] != '.' && !is_of_tls(d->d_name) && !control_file_of(d->d_name);
}

static bool list_unknown(stralloc *names)
{
  struct dirent **found;
  int n = scandir("control", &found, is_unknown, alphasort);
  if (n == -1) return false;
  for (int i = 0; i < n; i++) {
    text_addb(names, found[i]->d_name, strlen(found[i]->d_name) + 1);
    free(found[i]);
  }
  free(found);
  return true;
}

bool control_dir_load(struct control_dir *dir)
{
  memset(dir, 0, sizeof *dir);
  if (!list_unknown(&dir->unknown)) return false;
  dir->states = calloc(control_file_count, sizeof *dir->states);
  if (!dir->states) die_nomem();
  for (size_t i = 0; i < control_file_count; i++) load_file(dir->states + i, control_files[i].name);
  return true;
}

struct control_state const *control_state_of(struct control_dir const *dir, char const *name)
{
  return dir->states + (control_file_of(name) - control_files);
}

enum nameset_cdb_state cdb_state_of(struct control_file const *file)
{
  stralloc path = STRALLOC_ZERO;
  text_set(&path, "control/");
  text_addb(&path, file->name, strlen(file->name) - strlen(".cdb"));
  struct control_file const *source = control_file_of(text_z(&path) + strlen("control/"));
  enum nameset_cdb_state state = nameset_cdb_look(path.s, source->form == FORM_MAP);
  stralloc_free(&path);
  return state;
}

bool control_next_line(stralloc const *text, size_t *at, struct control_line *line)
{
  if (*at >= text->len) return false;
  line->number = *at ? line->number + 1 : 1;
  line->s = text->s + *at;
  char const *end = memchr(line->s, '\n', text->len - *at);
  line->len = end ? (size_t)(end - line->s) : text->len - *at;
  *at += line->len + 1;
  while (line->len && (line->s[line->len - 1] == ' ' || line->s[line->len - 1] == '\t')) line->len--;
  return true;
}

bool control_next_entry(stralloc const *text, size_t *at, struct control_line *line)
{
  while (control_next_line(text, at, line))
    if (line->len && line->s[0] != '#') return true;
  return false;
}

static void first_line(stralloc *value, stralloc const *text)
{
  struct control_line line;
  size_t at = 0;
  value->len = 0;
  if (control_next_line(text, &at, &line)) text_addb(value, line.s, line.len);
}

static size_t digits(stralloc const *value)
{
  size_t n = 0;
  while (n < value->len && value->s[n] >= '0' && value->s[n] <= '9') n++;
  return n;
}

bool control_value(struct control_dir const *dir, struct control_file const *file, stralloc *value, bool *is_default)
{
  struct control_state const *state = dir->states + (file - control_files);
  struct control_state const *me = control_state_of(dir, "me");
  *is_default = state->presence != IS_PRESENT;
  if (!*is_default) {
    first_line(value, &state->text);
    if (file->form != FORM_NUMBER) return true;
    value->len = digits(value);
    if (value->len) return true;
  }
  if (file->absent != ABSENT_ME) text_set(value, file->absent ? file->absent : "");
  else if (me->presence == IS_PRESENT) first_line(value, &me->text);
  else text_set(value, file->name);
  return file->absent != 0;
}
