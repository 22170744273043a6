/* maildirmake: create a Maildir, or a folder inside one.

   runs as   the user whose mail it will hold
   changes   makes the directory with tmp, new and cur, mode 0700; parents must exist
   exits     0, 100 usage, 111 when a directory cannot be made
*/

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "text.h"

#define USAGE "maildirmake [ -f folder ] dir"

static void make(char const *dir)
{
  if (mkdir(dir, 0700) == -1) strerr_diefusys(111, "mkdir ", dir);
}

static void make_below(char const *dir, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  text_add(&path, dir);
  text_add(&path, "/");
  text_add(&path, name);
  make(text_z(&path));
  stralloc_free(&path);
}

static void make_maildir(char const *dir)
{
  make(dir);
  make_below(dir, "tmp");
  make_below(dir, "new");
  make_below(dir, "cur");
}

/* Maildir++: folder A.B of Maildir is the Maildir Maildir/.A.B, marked by an empty file. */
static void make_folder(char const *dir, char const *folder)
{
  stralloc path = STRALLOC_ZERO;
  if (!*folder || strchr(folder, '/') || folder[0] == '.') strerr_dief(100, "no folder may be called ", folder);
  text_add(&path, dir);
  text_add(&path, "/.");
  text_add(&path, folder);
  make_maildir(text_z(&path));
  text_add(&path, "/maildirfolder");
  if (open(text_z(&path), O_CREAT | O_WRONLY | O_CLOEXEC, 0600) == -1) strerr_diefusys(111, "create ", path.s);
}

int main(int argc, char const *const *argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  char const *folder = 0;
  PROG = "maildirmake";
  umask(077);
  for (int o; (o = subgetopt_r(argc, argv, "f:", &options)) != -1;) {
    if (o != 'f') strerr_dieusage(100, USAGE);
    folder = options.arg;
  }
  argc -= options.ind;
  argv += options.ind;
  if (argc != 1) strerr_dieusage(100, USAGE);
  if (folder) make_folder(argv[0], folder);
  else make_maildir(argv[0]);
  return 0;
}
