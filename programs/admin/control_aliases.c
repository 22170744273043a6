#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "control_check.h"
#include "dir_file.h"
#include "fastforward_line.h"
#include "instructions.h"
#include "text.h"

/* The tables that ~alias/.qmail-default gives mail to, by fastforward. */

enum { DOTQMAIL_MAX = 65536 };

static char const name[] = ".qmail-default";

static bool is_newer(struct stat const *a, struct stat const *b)
{
  struct timespec const x = a->st_mtim, y = b->st_mtim;
  return x.tv_sec > y.tv_sec || (x.tv_sec == y.tv_sec && x.tv_nsec > y.tv_nsec);
}

static void tell(struct findings *to, char const *where, char const *a, char const *b, char const *c)
{
  stralloc text = STRALLOC_ZERO;
  text_set(&text, a);
  text_add(&text, b);
  text_add(&text, c);
  finding_add(to, &(struct finding){ .where = where, .text = text_z(&text) });
  stralloc_free(&text);
}

/* What it was made of: the same name without .cdb. */
static void check_source(struct findings *to, char const *table, struct stat const *of_table)
{
  stralloc source = STRALLOC_ZERO;
  struct stat st;
  size_t len = strlen(table), end = strlen(".cdb");
  if (len > end && !strcmp(table + len - end, ".cdb")) {
    text_setb(&source, table, len - end);
    if (stat(text_z(&source), &st) == 0 && is_newer(&st, of_table))
      tell(to, source.s, "it has changed, and ", table, " has not been made of it since: newaliases");
  }
  stralloc_free(&source);
}

static void check_table(struct findings *to, char const *home, char const *table)
{
  stralloc path = STRALLOC_ZERO, where = STRALLOC_ZERO;
  struct stat st;
  if (*table != '/') text_add(&path, home), text_add(&path, "/");
  text_add(&path, table);
  text_set(&where, home);
  text_add(&where, "/");
  text_add(&where, name);
  if (stat(text_z(&path), &st) == 0) check_source(to, path.s, &st);
  else if (errno == ENOENT)
    tell(to, text_z(&where), "there is no table ", path.s, ", so that mail for who has no file of his own waits: newaliases");
  stralloc_free(&path);
  stralloc_free(&where);
}

void check_alias_tables(struct findings *to)
{
  static struct fastforward_line line;
  struct passwd const *alias = getpwnam("alias");
  struct instruction in;
  stralloc text = STRALLOC_ZERO;
  int home = alias ? open(alias->pw_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (home == -1) return;
  if (dir_file_read(&text, home, name, DOTQMAIL_MAX) == 1)
    for (size_t at = 0; instruction_next(&in, text.s, text.len, &at);)
      if (in.kind == INSTRUCTION_PROGRAM && fastforward_line_parse(&line, in.line, in.line_len)) check_table(to, alias->pw_dir, line.table);
  fd_close(home);
  stralloc_free(&text);
}
