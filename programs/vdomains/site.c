#include <string.h>

#include <skalibs/strerr.h>

#include "passwd.h"
#include "site.h"
#include "text.h"

#define ACCOUNT "vpopmail"

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
