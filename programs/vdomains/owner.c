#include <stdbool.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "owner.h"
#include "passwd.h"
#include "plan.h"
#include "refuse.h"
#include "site.h"
#include "text.h"

static void fill(struct owner *owner, char const *home, uid_t uid, gid_t gid)
{
  static stralloc base = STRALLOC_ZERO;
  text_set(&base, owner->base ? owner->base : home);
  owner->base = text_z(&base);
  if (owner->uid == OWNER_ANY) owner->uid = uid;
  if (owner->gid == OWNER_ANY) owner->gid = gid;
}

static void fill_from_account(struct owner *owner)
{
  stralloc text = STRALLOC_ZERO;
  struct passwd const *pw;
  switch (passwd_find(&pw, owner->user)) {
    case PASSWD_FOUND: fill(owner, pw->pw_dir, pw->pw_uid, pw->pw_gid); return;
    case PASSWD_NONE: break;
    default: strerr_diefusys(111, "look up the account ", owner->user);
  }
  text_add(&text, "user ");
  text_add(&text, owner->user);
  text_add(&text, " not found in /etc/passwd");
  refuse_saying(VCODE_NO_USER, text_z(&text));
}

static bool is_place(char const *base)
{
  size_t len = strlen(base);
  return base[0] == '/' && base[1] && base[len - 1] != '/' && !strchr(base, ':') && plan_holds(base, len);
}

void owner_complete(struct owner *owner)
{
  struct site const *site = owner->user ? 0 : site_find();
  if (site) fill(owner, site->home, site->uid, site->gid);
  else fill_from_account(owner);
  if (!owner->uid) refuse_saying(VCODE_INVALID_UID, "root can own no domain: its mail would be delivered by root");
  if (!is_place(owner->base)) refuse_saying(VCODE_MAKE_DOMAINS_DIR, "the directory is no absolute path, or has a colon in it");
}
