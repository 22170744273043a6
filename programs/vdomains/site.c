#include <errno.h>
#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "bytes.h"
#include "dir_file.h"
#include "passwd.h"
#include "site.h"
#include "text.h"
#include "tree.h"

#define ACCOUNT "vpopmail"

enum { FILE_MAX = 1 << 20 };      /* bytes of a file in etc */

struct site const *site_find(void)
{
  static stralloc home = STRALLOC_ZERO;
  static struct site site;
  struct passwd const *pw;
  if (site.home) return &site;
  switch (passwd_find(&pw, ACCOUNT)) {
    case PASSWD_FOUND: break;
    case PASSWD_NONE: strerr_dief(111, "no account " ACCOUNT ": qmail-setup accounts makes it");
    default: strerr_diefusys(111, "look up the account ", ACCOUNT);
  }
  if (pw->pw_dir[0] != '/' || !pw->pw_uid) strerr_dief(111, "the account " ACCOUNT " has no home of its own, or is root");
  text_set(&home, pw->pw_dir);
  site = (struct site){ pw->pw_uid, pw->pw_gid, text_z(&home) };
  return &site;
}

int site_open_etc(void)
{
  static stralloc path = STRALLOC_ZERO;
  if (!bytes_set(&path, site_find()->home) || !bytes_add(&path, "/etc") || !bytes_z(&path)) return -1;
  return tree_open(path.s);
}

int site_make_etc(void)
{
  int home = tree_open(site_find()->home), etc = home == -1 ? -1 : tree_enter(home, "etc", 0755);
  if (etc == -1) strerr_diefusys(111, "open etc in ", site_find()->home);
  fd_close(home);
  return etc;
}

int site_read(stralloc *to, char const *name)
{
  int etc = site_open_etc();
  if (etc == -1) return errno == ENOENT ? 0 : -1;
  int r = dir_file_read(to, etc, name, FILE_MAX);
  fd_close(etc);
  return r;
}
