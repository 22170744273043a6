#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "control.h"
#include "named.h"
#include "refuse.h"
#include "site.h"
#include "text.h"
#include "vname.h"

#define DEFAULT_DOMAIN "/etc/defaultdomain"

static void default_domain(stralloc *to)
{
  static stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  text_set(&path, site_find()->home);
  text_add(&path, DEFAULT_DOMAIN);
  text.len = 0;
  if (control_slurp_path(&text, text_z(&path)) == -1) strerr_diefusys(111, "read ", path.s);
  struct vname_defaults from = { .domain = getenv("VPOPMAIL_DOMAIN"), .file = text.s, .file_len = text.len };
  if (!vname_default_domain(to, &from)) die_nomem();
}

void named_read(struct named *named, char const *address)
{
  static stralloc domain = STRALLOC_ZERO;
  if (!vname_split(&named->user, &domain, address, strlen(address))) die_nomem();
  text_z(&named->user);
  if (!domain.len) default_domain(&domain);
  refuse_unless_ok(vname_domain(domain.s, domain.len));
  domain_need(&named->domain, domain.s, domain.len);
  refuse_unless_ok(vname_user(named->user.s, named->user.len));
}

struct field named_user(struct named const *named)
{
  return (struct field){ named->user.s, named->user.len };
}

void named_refuse_strangers(struct named const *named)
{
  if (geteuid() != 0 && geteuid() != named->domain.uid) refuse(VCODE_INVALID_UID);
}
