#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "as_owner.h"
#include "control.h"
#include "named.h"
#include "refuse.h"
#include "site.h"
#include "store_choice.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "vname.h"

static void site_file_read(stralloc *text, char const *name)
{
  text->len = 0;
  if (site_read(text, name) == -1) strerr_diefusys(111, "read ", site_find()->home, "/etc/", name);
}

/* Which domain the address belongs to that somebody connected to. */
static void map_read(struct vname_defaults *from)
{
  static stralloc map = STRALLOC_ZERO;
  static struct nameset locals = NAMESET_ZERO;
  static struct control const controls[] = { { "locals", CONTROL_NAMES, &locals, CONTROL_ME }, { 0 } };
  from->local_ip = getenv("TCPLOCALIP");
  if (!from->local_ip) return;
  control_load_or_die(controls);
  site_file_read(&map, SITE_IP_MAP);
  from->map = map.s;
  from->map_len = map.len;
  from->locals = &locals;
}

static void default_domain(stralloc *to)
{
  static stralloc text = STRALLOC_ZERO;
  struct vname_defaults from = { .domain = getenv("VPOPMAIL_DOMAIN") };
  map_read(&from);
  site_file_read(&text, SITE_DEFAULT_DOMAIN);
  from.file = text.s;
  from.file_len = text.len;
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

void named_read_domain(struct named *named, char const *word)
{
  static stralloc domain = STRALLOC_ZERO;
  text_set(&domain, word);
  case_lowerb(domain.s, domain.len);
  named->user.len = 0;
  text_z(&named->user);
  refuse_unless_ok(vname_domain(domain.s, domain.len));
  domain_need(&named->domain, domain.s, domain.len);
}

void named_read_either(struct named *named, char const *word)
{
  if (strpbrk(word, "@%/")) named_read(named, word);
  else named_read_domain(named, word);
}

struct field named_user(struct named const *named)
{
  return (struct field){ named->user.s, named->user.len };
}

char const *named_address(struct named const *named)
{
  static stralloc address = STRALLOC_ZERO;
  text_set(&address, named->user.s);
  text_addc(&address, '@');
  text_add(&address, named->domain.real.s);
  return text_z(&address);
}

void named_refuse_strangers(struct named const *named)
{
  if (geteuid() != 0 && geteuid() != named->domain.uid) refuse(VCODE_INVALID_UID);
}

/* ---- in the domain's directory ---- */

int named_work(struct named const *named, int (*does)(void *), void *with)
{
  named_refuse_strangers(named);
  int directory = tree_open(named->domain.dir.s);
  if (directory == -1) strerr_diefusys(111, "open ", named->domain.dir.s);
  int status = as_owner(named->domain.uid, named->domain.gid, directory, does, with);
  fd_close(directory);
  return status;
}

struct store_domain named_table(struct named const *named)
{
  struct store_domain table = { named->domain.real.s, open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), store_of(named->domain.real.s), STORE_AS_IT_IS };
  if (table.directory == -1) strerr_diefusys(111, "open ", named->domain.dir.s);
  return table;
}

bool named_find(struct named const *named, struct vpasswd *record, stralloc *space)
{
  struct store_domain table = named_table(named);
  enum store_result found = store_find(&table, record, space, named_user(named));
  if (found != STORE_DONE && found != STORE_NO_USER) store_refuse(found, table.name);
  fd_close(table.directory);
  return found == STORE_DONE;
}
