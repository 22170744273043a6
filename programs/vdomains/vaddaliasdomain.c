/* vaddaliasdomain: another name for a virtual domain, with all its users, aliases and limits.

   runs as   root, by hand or by a script
   changes   users/assign and its cdb, control/virtualdomains, rcpthosts or morercpthosts, locals: all or none (change.h)
   exits     0 done, 1 not as things are, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "change.h"
#include "command.h"
#include "die.h"
#include "domain.h"
#include "domain_plan.h"
#include "onchange.h"
#include "refuse.h"
#include "vname.h"

#define USAGE "vaddaliasdomain [ -v ] [ --json ] [ --dry-run ] real_domain alias_domain"

static struct command_option const options[] = {
  { 0 }
};

/* Either order will do: the one that is there is the real one. The other one's name. */
static char const *real_find(struct domain *real, char const *one, char const *other)
{
  struct domain second = DOMAIN_ZERO;
  bool one_is = domain_find(real, one, strlen(one));
  bool other_is = domain_find(&second, other, strlen(other));
  if (one_is && other_is) refuse_saying(VCODE_DOMAIN_EXISTS, "Both domains already exist, unable to create alias.");
  if (!one_is && !other_is) refuse_saying(VCODE_NO_DOMAIN, "Neither domain exists, unable to create alias.");
  if (other_is) *real = second;
  return one_is ? other : one;
}

int main(int argc, char *const *argv)
{
  struct domain domain = DOMAIN_ZERO;
  stralloc plan = STRALLOC_ZERO;
  PROG = "vaddaliasdomain";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 2, 2);
  refuse_unless_root();
  enter_home();
  change_begin();
  char const *one = command_lower(&command, 0), *other = command_lower(&command, 1);
  if (strcmp(one, other) == 0) refuse_saying(VCODE_INVALID_DOMAIN, "The two domains are the same.");
  char const *alias = real_find(&domain, one, other);
  refuse_unless_ok(vname_new_domain(alias, strlen(alias)));
  domain_rename(&domain, alias);
  domain_plan_check(&domain);
  domain_plan_add(&plan, &domain);
  command_change(&command, &plan);
  if (!command.dry_run) onchange("add_alias_domain", domain.name.s, domain.real.s);
  return 0;
}
