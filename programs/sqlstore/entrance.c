#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "entrance.h"
#include "helper.h"
#include "server_file.h"
#include "text.h"

static stralloc file = STRALLOC_ZERO, authority = STRALLOC_ZERO, name = STRALLOC_ZERO;

static void note_fault(char const *fault)
{
  stralloc words = STRALLOC_ZERO;
  text_set(&words, "etc/");
  text_addx(&words, &name);
  text_add(&words, ": ");
  text_add(&words, fault);
  sql_note(text_z(&words));
  stralloc_free(&words);
}

/* ---- the file ---- */

void entrance_of(char const *store)
{
  text_set(&name, "vpopmail.");
  text_add(&name, store);
  text_z(&name);
  text_set(&file, helper_home());
  text_add(&file, "/etc/");
  text_addx(&file, &name);
  text_z(&file);
  text_set(&authority, file.s);
  text_add(&authority, ".ca");
  text_z(&authority);
}

char const *entrance_authority(void)
{
  return access(authority.s, F_OK) == 0 || errno != ENOENT ? authority.s : 0;
}

bool entrance_read(bool (*take)(char const **fault, char const *s, size_t len))
{
  static struct server_file text;
  char const *fault = 0;
  struct server_file_rule const rule = server_file_of_vpopmail(geteuid(), getegid());
  bool taken = server_file_read(&text, &fault, file.s, &rule);
  if (taken && !take(&fault, text.text, text.len)) taken = false, errno = EPROTO;
  int e = errno;
  if (!taken) note_fault(fault);
  explicit_bzero(&text, sizeof text);
  errno = e;
  return taken;
}

static struct server_line line;
static bool is_for_changes;

static bool take_line(char const **fault, char const *s, size_t len)
{
  line.authority = entrance_authority();
  return server_line_parse(&line, fault, s, len, is_for_changes);
}

bool entrance_enter(enum sql_purpose purpose, bool (*enter)(struct server_line const *line, enum sql_purpose purpose))
{
  is_for_changes = purpose != SQL_TO_READ;
  bool entered = entrance_read(take_line) && enter(&line, purpose);
  int e = errno;
  explicit_bzero(&line, sizeof line);
  errno = e;
  return entered;
}

bool entrance_is_split(void)
{
  static struct server_file text;
  char const *fault;
  struct server_file_rule const rule = server_file_of_vpopmail(geteuid(), getegid());
  bool split = server_file_read(&text, &fault, file.s, &rule) && server_line_is_split(text.text, text.len);
  explicit_bzero(&text, sizeof text);
  return split;
}
