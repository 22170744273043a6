/* vdominfo: what is known of a virtual domain, or of all of them.

   runs as   root, who sees all, or the owner of a domain, who sees his
   reads     users/assign; vpasswd.cdb of each domain, whose users are counted
   exits     0 done, 1 no such domain, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "command.h"
#include "control.h"
#include "die.h"
#include "json.h"
#include "named.h"
#include "refuse.h"
#include "store_choice.h"
#include "text.h"
#include "tree.h"

#define USAGE "vdominfo [ -anugdtrv ] [ --json ] [ domain ]"

enum { NAME, UID, GID, DIR, USERS, REAL, FIELDS };

static bool all = false, wanted[FIELDS];

static struct command_option const options[] = {
  { 'a', COMMAND_FLAG, &all },
  { 'n', COMMAND_FLAG, &wanted[NAME] },
  { 'u', COMMAND_FLAG, &wanted[UID] },
  { 'g', COMMAND_FLAG, &wanted[GID] },
  { 'd', COMMAND_FLAG, &wanted[DIR] },
  { 't', COMMAND_FLAG, &wanted[USERS] },
  { 'r', COMMAND_FLAG, &wanted[REAL] },
  { 0 }
};

static stralloc text = STRALLOC_ZERO;
static stralloc assign = STRALLOC_ZERO;
static bool in_trouble = false;

/* ---- counting ---- */

static bool count_one(void *users, struct vpasswd const *record)
{
  (void)record;
  ++*(uint64_t *)users;
  return true;
}

static bool users_count(uint64_t *users, struct domain const *domain)
{
  struct store_domain table = { domain->real.s, tree_open(domain->dir.s), store_of(domain->real.s), STORE_AS_IT_IS };
  *users = 0;
  bool counted = table.directory != -1 && store_list(&table, count_one, users) == STORE_DONE;
  if (!counted) strerr_warnwusys("count the users of ", domain->name.s);
  if (table.directory != -1) fd_close(table.directory);
  in_trouble |= !counted;
  return counted;
}

static void add_users(struct domain const *domain, char const *unknown)
{
  uint64_t users;
  if (users_count(&users, domain)) text_addu(&text, users);
  else text_add(&text, unknown);
}

/* ---- for people ---- */

static void add_word(struct domain const *domain, int field)
{
  switch (field) {
    case NAME: text_add(&text, domain->name.s); break;
    case UID: text_addu(&text, domain->uid); break;
    case GID: text_addu(&text, domain->gid); break;
    case DIR: text_add(&text, domain->dir.s); break;
    case USERS: add_users(domain, "unknown"); break;
    default: text_add(&text, domain->real.s);
  }
  text_addc(&text, '\n');
}

static void add_line(char const *label, struct domain const *domain, int field)
{
  text_add(&text, label);
  add_word(domain, field);
}

static void add_all(struct domain const *domain)
{
  text_add(&text, "domain: ");
  text_add(&text, domain->name.s);
  if (domain_is_alias(domain)) {
    text_add(&text, " (alias of ");
    text_add(&text, domain->real.s);
    text_addc(&text, ')');
  }
  add_line("\nuid:    ", domain, UID);
  add_line("gid:    ", domain, GID);
  add_line("dir:    ", domain, DIR);
  add_line("users:  ", domain, USERS);
}

static bool one_field_is_wanted(void)
{
  bool one = false;
  for (int i = 0; i < FIELDS; i++) one |= wanted[i];
  return one && !all;
}

/* Their order is that of the options' list. */
static void add_fields(struct domain const *domain)
{
  for (int i = 0; i < FIELDS; i++)
    if (wanted[i]) add_word(domain, i);
}

/* ---- aliases ---- */

static bool alias_next(struct domain *alias, struct domain const *real, size_t *at)
{
  while (domain_next(alias, &assign, at))
    if (domain_is_alias(alias) && strcmp(alias->real.s, real->name.s) == 0) return true;
  return false;
}

static void add_aliases(struct domain const *real)
{
  static struct domain alias = DOMAIN_ZERO;
  for (size_t at = 0; alias_next(&alias, real, &at);) {
    text_add(&text, "alias: ");
    text_add(&text, alias.name.s);
    text_addc(&text, '\n');
  }
}

/* ---- for programs ---- */

static void add_json(char const *name, char const *value)
{
  text_add(&text, name);
  if (!json_text(&text, value, strlen(value))) die_nomem();
}

static void add_json_aliases(struct domain const *real)
{
  static struct domain alias = DOMAIN_ZERO;
  char const *before = "";
  text_add(&text, ",\"aliases\":[");
  for (size_t at = 0; alias_next(&alias, real, &at); before = ",") add_json(before, alias.name.s);
  text_addc(&text, ']');
}

/* Where all are told, each alias tells itself whose it is. */
static void add_object(struct domain const *domain, bool alone)
{
  add_json("{\"domain\":", domain->name.s);
  if (domain_is_alias(domain)) add_json(",\"alias_of\":", domain->real.s);
  text_add(&text, ",\"uid\":");
  text_addu(&text, domain->uid);
  text_add(&text, ",\"gid\":");
  text_addu(&text, domain->gid);
  add_json(",\"dir\":", domain->dir.s);
  text_add(&text, ",\"users\":");
  add_users(domain, "null");
  if (alone) add_json_aliases(domain);
  text_add(&text, "}\n");
}

/* ---- one, or all ---- */

static void print(void)
{
  command_answer(&text);
  text.len = 0;
}

static void add_domain(struct command const *command, struct domain const *domain)
{
  if (command->json) add_object(domain, command->count);
  else if (one_field_is_wanted()) add_fields(domain);
  else add_all(domain);
}

static void show_all(struct command const *command)
{
  static struct domain domain = DOMAIN_ZERO;
  for (size_t at = 0; domain_next(&domain, &assign, &at); print()) {
    if (geteuid() != 0 && geteuid() != domain.uid) continue;
    add_domain(command, &domain);
    if (!command->json) text_addc(&text, '\n');
  }
}

static void find(struct named *named, char const *name)
{
  if (!domain_find(&named->domain, name, strlen(name))) {
    refuse_text("Invalid domain name");
    refuse_quietly(VCODE_NO_DOMAIN);
  }
  named_refuse_strangers(named);
}

static void show_one(struct command const *command)
{
  static struct named named = NAMED_ZERO;
  find(&named, command_lower(command, 0));
  if (domain_is_alias(&named.domain)) find(&named, named.domain.real.s);
  add_domain(command, &named.domain);
  if (!command->json && !one_field_is_wanted()) add_aliases(&named.domain);
  print();
}

int main(int argc, char *const *argv)
{
  PROG = "vdominfo";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 0, 1);
  enter_home();
  if (control_slurp_path(&assign, "users/assign") == -1) {
    strerr_warnwusys("read ", "users/assign");
    refuse(VCODE_READ_ASSIGN);
  }
  if (command.count) show_one(&command);
  else show_all(&command);
  return in_trouble ? 111 : 0;
}
