#include <string.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "as_owner.h"
#include "control.h"
#include "domains.h"
#include "named.h"
#include "refuse.h"
#include "text.h"
#include "tree.h"

int domains_worse(int a, int b)
{
  return a > b ? a : b;
}

static bool is_ours(struct domain const *domain)
{
  return geteuid() == 0 || geteuid() == domain->uid;
}

static int visit(struct named *named, int (*does)(void *))
{
  int directory = tree_open(named->domain.dir.s);
  if (directory == -1) {
    strerr_warnwusys("open ", named->domain.dir.s);
    return REFUSE_MACHINE;
  }
  int status = as_owner(named->domain.uid, named->domain.gid, directory, does, named);
  fd_close(directory);
  return status;
}

static int visit_all(struct named *named, int (*does)(void *))
{
  stralloc assign = STRALLOC_ZERO;
  int status = 0;
  if (control_slurp_path(&assign, "users/assign") == -1) strerr_diefusys(REFUSE_MACHINE, "read ", "users/assign");
  for (size_t at = 0; domain_next(&named->domain, &assign, &at);)
    if (!domain_is_alias(&named->domain) && is_ours(&named->domain)) status = domains_worse(status, visit(named, does));
  stralloc_free(&assign);
  return status;
}

static int visit_named(struct named *named, char const *word, int (*does)(void *))
{
  stralloc name = STRALLOC_ZERO;
  text_set(&name, word);
  case_lowerb(name.s, name.len);
  bool found = domain_find(&named->domain, name.s, name.len);
  stralloc_free(&name);
  if (!found) strerr_warnw("there is no virtual domain ", word);
  else if (domain_is_alias(&named->domain)) strerr_warnw("passed over, since it is an alias: ", word);
  else if (!is_ours(&named->domain)) strerr_warnw("only root and its owner may do this in ", word);
  else return visit(named, does);
  return found && domain_is_alias(&named->domain) ? 0 : found ? REFUSE_CALLER : REFUSE_NO;
}

int domains_each(char *const *names, int count, int (*does)(void *))
{
  struct named named = NAMED_ZERO;
  int status = 0;
  text_set(&named.user, "");
  text_z(&named.user);
  if (!count) return visit_all(&named, does);
  for (int i = 0; i < count; i++) status = domains_worse(status, visit_named(&named, names[i], does));
  return status;
}
