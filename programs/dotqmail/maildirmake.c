/* maildirmake: create a Maildir with its folders, or folders inside one.

   runs as   the user whose mail it will hold, or root, who gives it to him
   changes   makes the directory with tmp, new and cur, and folders; it appears whole, or not at all
   exits     0, 100 usage, 111 when something cannot be made
*/

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "passwd.h"
#include "text.h"
#include "tree.h"

#define USAGE "maildirmake [ -o user ] [ -m mode ] [ -f folder ] ... dir"

enum { WRONG = 100, TROUBLE = 111, FOLDERS_MAX = 1000, DIRECTORY = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

static struct wanted {
  char const *dir, *name;           /* all of it; its last name */
  char const *owner;                /* or null */
  char const *folders[FOLDERS_MAX];
  size_t folder_count;
  uid_t uid;
  gid_t gid;
  mode_t mode;
} wanted = { .mode = 0700 };

static int parent;                  /* where the Maildir will be */
static char aside[NAME_MAX + 1];    /* what is being made there; empty when nothing is */

/* ---- what is asked ---- */

static void add_folder(char const *name)
{
  if (!*name || strchr(name, '/') || *name == '.') strerr_dief(WRONG, "no folder may be called ", name);
  if (wanted.folder_count == FOLDERS_MAX) strerr_dief(WRONG, "more than 1000 folders");
  wanted.folders[wanted.folder_count++] = name;
}

static void read_mode(char const *s)
{
  unsigned mode;
  if (!uint_oscan(s, &mode) || s[strspn(s, "01234567")] || mode > 07777 || (mode & 0700) != 0700)
    strerr_dief(WRONG, "no mode for a Maildir: ", s);
  wanted.mode = mode;
}

static void read_options(int argc, char const *const *argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(argc, argv, "f:m:o:", &options)) != -1;) switch (o) {
    case 'f': add_folder(options.arg); break;
    case 'm': read_mode(options.arg); break;
    case 'o': wanted.owner = options.arg; break;
    default: strerr_dieusage(WRONG, USAGE);
  }
  if (argc - options.ind != 1 || !*argv[options.ind]) strerr_dieusage(WRONG, USAGE);
  wanted.dir = argv[options.ind];
}

/* ---- where ---- */

static _Noreturn void cannot(char const *what)
{
  int e = errno;
  if (*aside) tree_remove(parent, aside);
  errno = e;
  strerr_diefusys(TROUBLE, what, wanted.dir);
}

static void find_place(void)
{
  static stralloc path = STRALLOC_ZERO;
  size_t len = strlen(wanted.dir);
  while (len > 1 && wanted.dir[len - 1] == '/') len--;
  text_setb(&path, wanted.dir, len);
  char *s = text_z(&path), *slash = strrchr(s, '/');
  wanted.name = slash ? slash + 1 : s;
  if (slash) *slash = 0;
  parent = tree_open_given(!slash ? "." : slash == s ? "/" : s, DIRECTORY);
  if (parent == -1) cannot("mkdir ");
}

/* What root makes in somebody's directory is his, unless it is said whose. */
static void find_owner(int directory)
{
  struct stat st;
  struct passwd const *account;
  if (fstat(directory, &st) == -1) cannot("look at the directory of ");
  wanted.uid = geteuid() ? geteuid() : st.st_uid;
  wanted.gid = geteuid() && !(st.st_mode & S_ISGID) ? getegid() : st.st_gid;
  if (!wanted.owner) {
    wanted.mode |= st.st_mode & S_ISGID;
    return;
  }
  enum passwd_result r = passwd_find(&account, wanted.owner);
  if (r == PASSWD_TROUBLE) strerr_diefusys(TROUBLE, "look up ", wanted.owner);
  if (r != PASSWD_FOUND) strerr_dief(WRONG, "there is no user ", wanted.owner);
  wanted.uid = account->pw_uid;
  wanted.gid = account->pw_gid;
}

/* ---- making ---- */

static int make(int directory, char const *name)
{
  int fd = tree_make(directory, name, wanted.uid, wanted.gid, wanted.mode);
  if (fd == -1) cannot("mkdir ");
  return fd;
}

static void make_parts(int maildir)
{
  static char const *const parts[] = { "tmp", "new", "cur" };
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) fd_close(make(maildir, parts[i]));
}

/* Maildir++: folder A.B is the Maildir .A.B in the Maildir, marked by an empty file. */
static void make_mark(int folder)
{
  int fd = openat(folder, "maildirfolder", O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
  if (fd == -1 || fchown(fd, wanted.uid, wanted.gid) == -1 || fchmod(fd, wanted.mode & 0666) == -1) cannot("make folders of ");
  fd_close(fd);
}

/* It is made under another name, so that nobody meets half of it. */
static void appear(int directory, char const *name)
{
  if (renameat2(directory, aside, directory, name, RENAME_NOREPLACE) == -1) cannot("mkdir ");
  *aside = 0;
  if (fsync(directory) == -1) cannot("sync the directory of ");
}

static int make_aside(int directory)
{
  snprintf(aside, sizeof aside, ".maildirmake.%ld", (long)getpid());
  if (!tree_remove(directory, aside)) cannot("make room for ");
  return make(directory, aside);
}

static void fill_folder(int folder)
{
  make_parts(folder);
  make_mark(folder);
  fd_close(folder);
}

static void name_folder(char name[NAME_MAX + 1], size_t i)
{
  if (snprintf(name, NAME_MAX + 1, ".%s", wanted.folders[i]) > NAME_MAX)
    strerr_dief(WRONG, "no folder may be called ", wanted.folders[i]);
}

static void make_maildir(void)
{
  char name[NAME_MAX + 1];
  int maildir = make_aside(parent);
  make_parts(maildir);
  for (size_t i = 0; i < wanted.folder_count; i++) {
    name_folder(name, i);
    fill_folder(make(maildir, name));
  }
  fd_close(maildir);
  appear(parent, wanted.name);
}

/* In a Maildir that is there, each appears by itself. */
static void make_folders(int maildir)
{
  char name[NAME_MAX + 1];
  parent = maildir;
  find_owner(maildir);
  for (size_t i = 0; i < wanted.folder_count; i++) {
    name_folder(name, i);
    fill_folder(make_aside(maildir));
    appear(maildir, name);
  }
}

int main(int argc, char const *const *argv)
{
  PROG = "maildirmake";
  umask(077);
  read_options(argc, argv);
  find_place();
  int maildir = wanted.folder_count ? openat(parent, wanted.name, DIRECTORY | (geteuid() ? 0 : O_NOFOLLOW)) : -1;
  if (maildir != -1) {
    make_folders(maildir);
    return 0;
  }
  if (wanted.folder_count && errno != ENOENT) cannot("open ");
  find_owner(parent);
  make_maildir();
  return 0;
}
