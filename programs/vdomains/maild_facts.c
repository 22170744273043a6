#include <errno.h>
#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "home_lines.h"
#include "list_links.h"
#include "mailbox_usage.h"
#include "maild_facts.h"
#include "maild_show.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "user_login.h"
#include "vname.h"

/* ---- sizes ---- */

struct sizes { stralloc *to; struct named named; struct quota_usage all; };

static void add_usage(stralloc *to, struct quota_usage const *usage)
{
  maild_show_number(to, "size", usage->bytes);
  maild_show_number(to, "count", usage->messages);
}

static struct quota_usage usage_of(struct named const *named, struct vpasswd const *record)
{
  struct quota_usage usage;
  if (!mailbox_usage(&usage, record)) strerr_diefusys(REFUSE_MACHINE, "look at the mailbox of ", named_address(named));
  return usage;
}

static bool size_one(void *sizes_, struct vpasswd const *record)
{
  struct sizes *sizes = sizes_;
  text_setb(&sizes->named.user, record->name.s, record->name.len);
  text_z(&sizes->named.user);
  struct quota_usage const usage = usage_of(&sizes->named, record);
  maild_show_text(sizes->to, "user", field_of(named_address(&sizes->named)));
  add_usage(sizes->to, &usage);
  sizes->all.bytes += usage.bytes;
  sizes->all.messages += usage.messages;
  return true;
}

static void size_all(stralloc *to, struct named const *named)
{
  struct sizes sizes = { .to = to, .named = { STRALLOC_ZERO, named->domain }, .all = { 0, 0 } };
  struct store_domain const table = named_table(named);
  enum store_result listed = store_list(&table, size_one, &sizes);
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  maild_show_text(to, "domain", field_of(named->domain.real.s));
  add_usage(to, &sizes.all);
}

static struct vpasswd record_of(struct named const *named)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (!named_find(named, &record, &space)) refuse(VCODE_NO_USER);
  return record;
}

void maild_facts_size(stralloc *to, struct named const *named)
{
  if (!named->user.len) {
    size_all(to, named);
    return;
  }
  struct vpasswd const record = record_of(named);
  struct quota_usage const usage = usage_of(named, &record);
  add_usage(to, &usage);
}

/* ---- logins ---- */

void maild_facts_login(stralloc *to, struct named const *named)
{
  stralloc space = STRALLOC_ZERO;
  struct user_login login = { .last = 0 };
  struct vpasswd const record = record_of(named);
  int home = home_lines_open(record.dir);
  bool const known = home != -1 ? user_login_find(&login, home, &space) : errno == ENOENT;
  if (!known) strerr_diefusys(REFUSE_MACHINE, "find the last login of ", named_address(named));
  maild_show_number(to, "time", (uint64_t)login.last);
  maild_show_text(to, "ip", login.last ? login.ip : field_of(""));
  if (home != -1) fd_close(home);
  stralloc_free(&space);
}

/* ---- domains ---- */

void maild_facts_domain(stralloc *to, struct domain const *domain, stralloc const *assign)
{
  struct domain other = DOMAIN_ZERO;
  maild_show_text(to, "domain", field_of(domain->real.s));
  maild_show_text(to, "path", field_of(domain->dir.s));
  maild_show_number(to, "uid", domain->uid);
  maild_show_number(to, "gid", domain->gid);
  for (size_t at = 0; domain_next(&other, assign, &at);)
    if (domain_is_alias(&other) && strcmp(other.real.s, domain->real.s) == 0) maild_show_text(to, "alias", field_of(other.name.s));
}

static stralloc *lists;

static void list_add(char const *name)
{
  static stralloc file = STRALLOC_ZERO;
  if (vname_dotqmail(&file, name, strlen(name)) != VCODE_OK) return;
  text_add(lists, file.s);
  text_addc(lists, '\n');
}

void maild_facts_lists(stralloc *to)
{
  lists = to;
  list_links_each(list_add);
}
