#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>

#include "delivery_wire.h"
#include "home.h"
#include "queue_path.h"
#include "show.h"

/* What was chosen when the family was compiled and is fixed here. */
#define DELIMITER "-"
#define PATERNALISM 2

static void heading(char const *name)
{
  show_string("\n");
  show_string(name);
  show_string(": ");
}

static void sentence(struct control_file const *file, char const *s, size_t len)
{
  show_string(file->before);
  show_text(s, len);
  show_string(file->after);
  show_string("\n");
}

static void lost(char const *what, char const *name)
{
  show_string("\nOops! Unable to find ");
  show_string(what);
  show_string(name);
  show_string(".\n");
  buffer_flush(buffer_1);
  _exit(111);
}

static void show_user(char const *name)
{
  struct passwd const *pw = getpwnam(name);
  if (!pw) lost("user ", name);
  else show_number(pw->pw_uid);
}

static void show_group(char const *name)
{
  struct group const *gr = getgrnam(name);
  if (!gr) lost("group ", name);
  else show_number(gr->gr_gid);
}

static void show_ids(void)
{
  static char const *const users[] = { "alias", "qmaild", "qmaill", "root", "qmailp", "qmailq", "qmailr", "qmails" };
  show_string("user ids: ");
  for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
    if (i) show_string(", ");
    show_user(users[i]);
  }
  show_string(".\ngroup ids: ");
  show_group("nofiles");
  show_string(", ");
  show_group("qmail");
  show_string(".\n");
}

static void show_constants(void)
{
  show_string("qmail home directory: " HOME ".\nuser-ext delimiter: " DELIMITER ".\npaternalism (in decimal): ");
  show_number(PATERNALISM);
  show_string(".\nsilent concurrency limit: ");
  show_number(WIRE_SLOTS_MAX);
  show_string(".\nsubdirectory split: ");
  show_number(QUEUE_SPLIT);
  show_string(".\n");
  show_ids();
}

static void show_value(struct control_dir const *dir, struct control_file const *file)
{
  stralloc value = STRALLOC_ZERO;
  bool is_default;
  bool any = control_value(dir, file, &value, &is_default);
  if (is_default) show_string("(Default.) ");
  if (any) sentence(file, value.s, value.len);
  else {
    show_string(file->none ? file->none : "Not set.");
    show_string("\n");
  }
  stralloc_free(&value);
}

static void show_entries(struct control_state const *state, struct control_file const *file)
{
  struct control_line line;
  if (state->presence == IS_ABSENT) {
    show_string("(Default.) ");
    show_string(file->none);
    show_string("\n");
    return;
  }
  show_string("\n");
  for (size_t at = 0; control_next_entry(&state->text, &at, &line);) sentence(file, line.s, line.len);
}

/* The undefined name is no default of anything. */
static void show_me(struct control_dir const *dir, struct control_state const *state,
                    struct control_file const *file)
{
  if (state->presence == IS_PRESENT) show_value(dir, file);
  else {
    show_string(file->none);
    show_string("\n");
  }
}

static void show_more(struct control_dir const *dir, struct control_state const *state,
                      struct control_file const *file)
{
  struct control_file without = *file;
  without.before = "No rcpthosts; doesn't matter that morercpthosts has ";
  without.none = "No rcpthosts; morercpthosts is irrelevant.";
  show_entries(state, control_state_of(dir, "rcpthosts")->presence == IS_ABSENT ? &without : file);
}

static void show_cdb(struct control_dir const *dir, struct control_state const *cdb)
{
  struct control_state const *source = control_state_of(dir, "morercpthosts");
  if (source->presence == IS_ABSENT)
    show_string(cdb->presence == IS_ABSENT ? "(Default.) No effect.\n"
                                           : "Oops! morercpthosts.cdb exists but morercpthosts doesn't.\n");
  else if (cdb->presence == IS_ABSENT) show_string("Oops! morercpthosts exists but morercpthosts.cdb doesn't.\n");
  else if (source->st.st_mtime > cdb->st.st_mtime)
    show_string("Oops! morercpthosts.cdb is older than morercpthosts.\n");
  else show_string("Modified recently enough; hopefully up to date.\n");
}

/* Of a text that is a truth of its own. */
static void show_names_cdb(struct control_file const *file)
{
  bool counts = cdb_state_of(file) == NAMESET_CDB_GOOD;
  show_string(counts ? "In force.\n" : "Oops! It is not of the text as it stands, which counts.\n");
}

static void show_file(struct control_dir const *dir, struct control_state const *state,
                      struct control_file const *file)
{
  heading(file->name);
  if (state->presence == IS_TROUBLE) show_string("Oops! Trouble reading this file.\n");
  else if (strcmp(file->name, "me") == 0) show_me(dir, state, file);
  else if (strcmp(file->name, "morercpthosts") == 0) show_more(dir, state, file);
  else if (file->form == FORM_CDB && file->who != OF_FAMILY) show_names_cdb(file);
  else if (file->form == FORM_CDB) show_cdb(dir, state);
  else if (file->form == FORM_SECRETS) show_string("Not shown.\n");
  else if (file->form == FORM_LINE || file->form == FORM_NUMBER) show_value(dir, file);
  else show_entries(state, file);
}

void show_short(struct control_dir const *dir)
{
  show_constants();
  for (size_t i = 0; i < control_file_count; i++)
    if (control_files[i].who == OF_FAMILY || dir->states[i].presence != IS_ABSENT)
      show_file(dir, dir->states + i, control_files + i);
  for (size_t i = 0; i < dir->unknown.len; i += strlen(dir->unknown.s + i) + 1) {
    heading(dir->unknown.s + i);
    show_string("I have no idea what this file does.\n");
  }
}
