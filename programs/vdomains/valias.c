/* valias: addresses of a virtual domain that have no mailbox, and where their mail goes.

   runs as   root or the owner of the domain; root becomes the owner
   changes   .qmail-NAME in the domain's directory
   exits     0 done, 1 no such alias or domain, or the line is there, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/strerr.h>

#include "alias_files.h"
#include "command.h"
#include "die.h"
#include "json.h"
#include "lines.h"
#include "named.h"
#include "onchange.h"
#include "refuse.h"
#include "slips.h"
#include "text.h"
#include "vname.h"

#define USAGE "valias [ -v ] [ -n | -s | -d | -i line ] [ --json ] [ --dry-run ] address|domain"

enum { ALIAS_LINE_MAX = 160 };

static bool names_only = false, selects = false, removes = false;
static char const *line = 0;

static struct command_option const options[] = {
  { 'n', COMMAND_FLAG, &names_only },
  { 's', COMMAND_FLAG, &selects },
  { 'd', COMMAND_FLAG, &removes },
  { 'i', COMMAND_TEXT, &line },
  { 0 }
};

static struct named named = NAMED_ZERO;
static struct command command;
static stralloc text = STRALLOC_ZERO, answer = STRALLOC_ZERO;
static bool any = false;

/* ---- showing ---- */

static void add_address(char const *name)
{
  text_add(&answer, name);
  text_addc(&answer, '@');
  text_add(&answer, named.domain.real.s);
}

static void show_lines(char const *name)
{
  struct text_line each;
  for (size_t at = 0; lines_next(&each, text.s, text.len, &at);) {
    if (!each.len) continue;
    add_address(name);
    text_add(&answer, " -> ");
    text_addb(&answer, each.s, each.len);
    text_addc(&answer, '\n');
  }
}

static void add_json(char const *s, size_t len)
{
  if (!json_text(&answer, s, len)) die_nomem();
}

static void show_json(char const *name)
{
  struct text_line each;
  char const *before = "";
  text_add(&answer, "{\"alias\":");
  add_json(name, strlen(name));
  text_add(&answer, ",\"domain\":");
  add_json(named.domain.real.s, named.domain.real.len);
  text_add(&answer, ",\"lines\":[");
  for (size_t at = 0; lines_next(&each, text.s, text.len, &at); before = ",") {
    text_add(&answer, before);
    add_json(each.s, each.len);
  }
  text_add(&answer, "]}\n");
}

static void show_name(char const *name)
{
  text_add(&answer, name);
  text_addc(&answer, '\n');
}

/* A link leads to a mailing list; vlist shows those. */
static bool is_link(char const *file)
{
  struct stat st;
  return lstat(file, &st) == 0 && S_ISLNK(st.st_mode);
}

static void show(char const *name, char const *file)
{
  if (!named.user.len && is_link(file)) return;
  if (!names_only && !alias_files_read(&text, file)) return;
  any = true;
  if (names_only) show_name(name);
  else if (command.json) show_json(name);
  else show_lines(name);
}

/* ---- changing ---- */

_Noreturn static void refuse_none(void)
{
  text_set(&answer, "no alias ");
  add_address(named.user.s);
  refuse_in_words(REFUSE_NO, text_z(&answer));
}

static void refuse_known(void)
{
  if (!lines_have(&text, (struct text_line){ line, strlen(line) })) return;
  text_set(&answer, "Error: alias ");
  add_address(named.user.s);
  text_add(&answer, " -> ");
  text_add(&answer, line);
  text_add(&answer, " already exists.");
  refuse_in_words(REFUSE_NO, text_z(&answer));
}

/* A line of another dialect would make mail wait, or be no line at all. */
static void refuse_line(void)
{
  struct instruction in;
  size_t at = 0, len = strlen(line);
  if (len > ALIAS_LINE_MAX) refuse(VCODE_ALIAS_TOO_LONG);
  if (!len || strpbrk(line, "\r\n") || !instruction_next(&in, line, len, &at)) refuse(VCODE_BAD_CHARACTER);
  char const *slip = slip_of(&in);
  if (slip) refuse_saying(VCODE_BAD_CHARACTER, slip);
}

static void insert(char const *file)
{
  alias_files_lock();
  alias_files_read(&text, file);
  refuse_known();
  if (text.len && text.s[text.len - 1] != '\n') text_addc(&text, '\n');
  text_add(&text, line);
  text_addc(&text, '\n');
  if (!command_only_says("add to ", file)) alias_files_write(file, &text);
}

static void drop(char const *file)
{
  if (strcmp(named.user.s, "default") == 0) refuse(VCODE_CATCHALL);
  alias_files_lock();
  if (!alias_files_read(&text, file)) refuse_none();
  if (!command_only_says("remove ", file)) alias_files_remove(file);
}

/* ---- which of them ---- */

static int of_one(void)
{
  static stralloc file = STRALLOC_ZERO;
  refuse_unless_ok(vname_dotqmail(&file, named.user.s, named.user.len));
  if (line) insert(file.s);
  else if (removes) drop(file.s);
  else show(named.user.s, file.s);
  if (!line && !removes && !any) refuse_none();
  command_answer(&answer);
  return 0;
}

static int of_all(void)
{
  alias_files_list(show);
  if (!any && !command.json) refuse_in_words(REFUSE_NO, "no aliases");
  command_answer(&answer);
  return 0;
}

static int work(void *nothing)
{
  (void)nothing;
  return named.user.len ? of_one() : of_all();
}

int main(int argc, char *const *argv)
{
  PROG = "valias";
  command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 1);
  if (names_only + selects + removes + (line != 0) > 1) command_usage(&command);
  if (line) refuse_line();
  enter_home();
  named_read_either(&named, command.words[0]);
  if (!named.user.len && (line || removes)) command_usage(&command);
  int status = named_work(&named, work, 0);
  bool changed = !status && !command.dry_run && (line || removes);
  if (changed) onchange_user(line ? "valias_insert" : "valias_delete", named_user(&named), named.domain.real.s, line);
  return status;
}
