/* vdeldomain: remove a virtual domain with all its mail, or an alias of one.

   runs as   root, by hand or by a script
   changes   control/rcpthosts, morercpthosts, virtualdomains, users/assign and their cdbs, the domain's directory: all or
             none (change.h)
   exits     0 done, 1 there is none, or it has aliases, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <string.h>

#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "change.h"
#include "command.h"
#include "control.h"
#include "die.h"
#include "domain.h"
#include "domain_plan.h"
#include "domain_slot.h"
#include "domain_users.h"
#include "onchange.h"
#include "plan.h"
#include "refuse.h"
#include "saying.h"
#include "text.h"
#include "tree.h"

#define USAGE "vdeldomain [ -v ] [ -f ] [ --json ] [ --dry-run ] domain"

static bool force = false;

static struct command_option const options[] = {
  { 'f', COMMAND_FLAG, &force },
  { 0 }
};

/* ---- its aliases ---- */

static stralloc plan = STRALLOC_ZERO;
static stralloc aliases = STRALLOC_ZERO;      /* a line for each */

static bool is_alias_of(struct domain const *domain, struct domain const *real)
{
  return domain_is_alias(domain) && strcmp(domain->real.s, real->name.s) == 0;
}

static void aliases_drop(struct domain const *real)
{
  stralloc assign = STRALLOC_ZERO;
  struct domain domain = DOMAIN_ZERO;
  size_t at = 0;
  if (control_slurp_path(&assign, "users/assign") == -1) strerr_diefusys(111, "read ", "users/assign");
  while (domain_next(&domain, &assign, &at)) {
    if (!is_alias_of(&domain, real)) continue;
    domain_plan_drop(&plan, &domain);
    text_add(&aliases, "   ");
    text_add(&aliases, domain.name.s);
    text_add(&aliases, "\n");
  }
  stralloc_free(&assign);
}

static void aliases_tell(char const *heading)
{
  stralloc sentence = STRALLOC_ZERO;
  text_set(&sentence, heading);
  text_addb(&sentence, aliases.s, aliases.len - 1);
  if (force) saying("says", text_z(&sentence));
  else {
    text_add(&sentence, "\n   use -f to force delete of domain and all aliases");
    refuse_text(text_z(&sentence));
  }
}

static void aliases_ask(void)
{
  if (!aliases.len) return;
  aliases_tell(force ? "Warning: Alias domains deleted:\n" : "Warning: Alias domains exist:\n");
  if (!force) refuse_quietly(VCODE_DOMAIN_EXISTS);
}

/* ---- its directory ---- */

static void directory_remove(struct domain const *domain)
{
  if (domain_slot_is_its_own(domain)) plan_add(&plan, PLAN_REMOVE, domain->dir.s, "");
  else strerr_warnw("the directory stays, for it has not the domain's name: ", domain->dir.s);
}

static void tell(struct domain const *domain)
{
  stralloc what = STRALLOC_ZERO;
  text_set(&what, domain_is_alias(domain) ? "alias " : "");
  text_add(&what, domain->name.s);
  text_add(&what, domain_is_alias(domain) ? " of " : "");
  text_add(&what, domain_is_alias(domain) ? domain->real.s : "");
  if (domain_is_alias(domain)) onchange_log("del_alias_domain", domain->name.s, domain->real.s);
  else onchange_log("del_domain", domain->name.s, 0);
  onchange_script("del_domain", text_z(&what), 0);
}

int main(int argc, char *const *argv)
{
  struct domain domain = DOMAIN_ZERO;
  PROG = "vdeldomain";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 1);
  refuse_unless_root();
  enter_home();
  change_begin();
  char const *name = command_lower(&command, 0);
  domain_need(&domain, name, strlen(name));
  if (!domain_is_alias(&domain)) aliases_drop(&domain);
  aliases_ask();
  domain_plan_drop(&plan, &domain);
  if (!domain_is_alias(&domain)) directory_remove(&domain);
  if (!command.dry_run && !domain_is_alias(&domain)) domain_users_remove(&domain);
  command_change(&command, &plan);
  if (!command.dry_run && !domain_is_alias(&domain)) domain_slot_left(&domain);
  if (!command.dry_run) tell(&domain);
  return 0;
}
