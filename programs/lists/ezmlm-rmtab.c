/* ezmlm-rmtab: remove the tables of a mailing list.

   runs as   who owns the list
   changes   the files of subscribers of the list, of allow, deny, digest and mod go, and the directories they are in; or the tables
             of a database
   exits     0, 100 wrong use, or something could not be removed
*/

#include <errno.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "list_options.h"
#include "list_words.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-rmtab [-mM] [-S subdb] [dir]"

static char const *const tables[] = { "", "allow/", "deny/", "digest/", "mod/" };

static void gone(int removed, char const *path)
{
  int const why = errno;
  if (removed == 0 || why == ENOENT || why == ENOTDIR) return;
  list_warn_system(0, "ERR_DELETE", path);
  _exit(LIST_REFUSED);
}

/* The file of that hash, and what a change of it that was cut off has left aside. */
static void remove_file(stralloc *path, char letter)
{
  size_t const was = path->len;
  char const name[] = { '/', letter };
  text_addb(path, name, sizeof name);
  gone(unlink(text_z(path)), path->s);
  text_add(path, "n");
  gone(unlink(text_z(path)), path->s);
  path->len = was;
}

static void remove_table(char const *table)
{
  stralloc path = STRALLOC_ZERO, lock = STRALLOC_ZERO;
  text_add(&path, table), text_add(&path, "subscribers");
  text_add(&lock, table), text_add(&lock, "lock");
  if (access(text_z(&path), F_OK) == 0) {
    int const held = list_lock(text_z(&lock));
    for (char letter = '@'; letter < '@' + SUBSCRIBERS_HASHES; letter++) remove_file(&path, letter);
    gone(rmdir(text_z(&path)), path.s);
    fd_close(held);
  }
  stralloc_free(&path), stralloc_free(&lock);
}

int main(int argc, char const *const *argv)
{
  struct list l = LIST_ZERO;
  bool files = false;
  char const *subdb = 0;
  struct list_option const options[] = {
    { 'm', OPTION_OFF, &files, 0 }, { 'M', OPTION_ON, &files, 0 }, { 'S', OPTION_TEXT, &subdb, 0 }, { 0 }
  };
  PROG = "ezmlm-rmtab";
  list_options(&l, argc, argv, options, LIST_MAYBE, USAGE);
  if (!l.dir && !subdb) strerr_dieusage(LIST_REFUSED, USAGE);
  bool const is_entered = l.dir;
  if (!is_entered) l.dir = ".";
  struct subscribers *s = subscribers_open(&l, ".", files ? "std" : subdb);
  if (subscribers_are_elsewhere(s)) return subscribers_drop(s), 0;
  if (!is_entered) list_die(LIST_REFUSED, 0, "ERR_DATABASE", subdb, 0);
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) remove_table(tables[i]);
  return 0;
}
