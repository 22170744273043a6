/* vmovedomain: a virtual domain gets another owner, another place, or both; its users keep all that is theirs.

   runs as   root, by hand or by a script
   reads     users/assign
   changes   the place of the domain's directory, whose everything in it is, homes in the table of users, .qmail-default, users/assign
             and its cdb: all or none (change.h). Mail waits meanwhile: the directory is not where it was
   exits     0 done, 1 not as things are, 100 wrong use, 111 trouble of the machine
*/

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "as_owner.h"
#include "change.h"
#include "command.h"
#include "control.h"
#include "die.h"
#include "domain.h"
#include "domain_slot.h"
#include "domain_users.h"
#include "onchange.h"
#include "owner.h"
#include "plan.h"
#include "refuse.h"
#include "text.h"
#include "tree.h"

#define ASSIGN "users/assign"
#define USAGE "vmovedomain [ -v ] [ -u user ] [ -d dir ] [ -i uid ] [ -g gid ] [ --json ] [ --dry-run ] domain"

enum { ASIDE_MAX = 200 };             /* bytes of a domain that may be as long as a file's name */

static struct owner owner = OWNER_ZERO;

static struct command_option const options[] = {
  { 'u', COMMAND_TEXT, &owner.user },
  { 'd', COMMAND_TEXT, &owner.base },
  { 'i', COMMAND_NUMBER, &owner.uid },
  { 'g', COMMAND_NUMBER, &owner.gid },
  { 0 }
};

static struct domain old = DOMAIN_ZERO, new = DOMAIN_ZERO;
static struct domain_slot slot = DOMAIN_SLOT_ZERO;
static stralloc plan = STRALLOC_ZERO;
static bool places_differ;

/* ---- where to ---- */

static bool is_below(char const *dir, char const *base)
{
  size_t len = strlen(base);
  return strncmp(dir, base, len) == 0 && strncmp(dir + len, "/domains/", strlen("/domains/")) == 0;
}

_Noreturn static void refuse_place(char const *why)
{
  stralloc line = STRALLOC_ZERO;
  domain_slot_give_back(&slot);
  text_set(&line, new.dir.s);
  text_add(&line, why);
  refuse_saying(VCODE_DOMAIN_EXISTS, text_z(&line));
}

/* A rename is all or nothing; a copy would be neither, with mail coming in. */
static void refuse_other_disk(int parent)
{
  struct stat here, there;
  int fd = tree_open(old.dir.s);
  if (fd == -1 || fstat(fd, &here) == -1) strerr_diefusys(REFUSE_MACHINE, "open ", old.dir.s);
  if (fstat(parent, &there) == -1) strerr_diefusys(REFUSE_MACHINE, "look at ", slot.place.s);
  if (here.st_dev != there.st_dev) refuse_place(": that is another file system");
}

static void place_take(struct command const *command)
{
  struct stat st;
  domain_slot_take(&slot, owner.base, !command->dry_run);
  domain_place(&new, slot.place.s);
  if (command->dry_run) return;
  int parent = domain_slot_open(&slot);
  if (parent == -1) strerr_diefusys(REFUSE_MACHINE, "open ", slot.place.s);
  if (fstatat(parent, new.name.s, &st, AT_SYMLINK_NOFOLLOW) == 0) refuse_place(": something is there");
  refuse_other_disk(parent);
}

static int reaches(void *place)
{
  if (access(place, X_OK) == 0) return 0;
  strerr_warnwusys("reach, as the owner of the domain, ", place);
  return 1;
}

/* Who delivers for the domain comes by its path. */
static void refuse_unreached(void)
{
  stralloc place = STRALLOC_ZERO;
  int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root == -1) strerr_diefusys(REFUSE_MACHINE, "open /");
  text_setb(&place, new.dir.s, (size_t)(strrchr(new.dir.s, '/') - new.dir.s));
  if (as_owner(new.uid, new.gid, root, reaches, text_z(&place)) == 0) return;
  if (places_differ) domain_slot_give_back(&slot);
  refuse(VCODE_MAKE_DOMAIN_DIR);
}

static void new_find(struct command const *command)
{
  bool place_is_said = owner.user || owner.base;
  if (!owner.user && owner.uid == OWNER_ANY) owner.uid = old.uid;
  if (!owner.user && owner.gid == OWNER_ANY) owner.gid = old.gid;
  owner_complete(&owner);
  places_differ = place_is_said && !is_below(old.dir.s, owner.base);
  domain_set(&new, old.name.s, owner.uid, owner.gid);
  domain_users_refuse_owner(&new);
  if (places_differ && !command->dry_run) domain_users_refuse_move(&old);
  if (places_differ) place_take(command);
  else text_set(&new.dir, old.dir.s);
  text_z(&new.dir);
  bool is_same = !places_differ && new.uid == old.uid && new.gid == old.gid;
  if (is_same) refuse_saying(VCODE_DOMAIN_EXISTS, "it is there already, and his");
  if (!command->dry_run) refuse_unreached();
}

/* ---- the steps ---- */

static char const *joined(char const *a, char const *b, char const *c)
{
  stralloc text = STRALLOC_ZERO;
  text_set(&text, a);
  text_add(&text, b);
  text_add(&text, c);
  return text_z(&text);
}

/* Beside its place, where nobody looks for it. */
static char const *aside(void)
{
  stralloc path = STRALLOC_ZERO;
  char const *slash = strrchr(old.dir.s, '/');
  text_setb(&path, old.dir.s, (size_t)(slash - old.dir.s));
  text_add(&path, "/.moving.");
  text_addb(&path, old.name.s, old.name.len < ASIDE_MAX ? old.name.len : ASIDE_MAX);
  return text_z(&path);
}

static char const *owners(void)
{
  stralloc text = STRALLOC_ZERO;
  text_addu(&text, old.uid);
  text_addc(&text, ':');
  text_addu(&text, new.uid);
  text_addc(&text, ':');
  text_addu(&text, new.gid);
  return text_z(&text);
}

/* Where a server keeps the users it is to be there: that was seen just now, and if it is away now, the next command goes on. */
static void plan_paths(char const *on_its_way)
{
  char const *paths = joined(old.dir.s, ":", new.dir.s);
  if (domain_users_are_apart(&old)) plan_add(&plan, PLAN_ROWS, on_its_way, joined(paths, ":", old.name.s));
  else plan_add(&plan, PLAN_PATHS, on_its_way, paths);
}

/* Paths are changed as the owner of the directory, to whom all of it must belong by then. */
static void plan_directory(void)
{
  char const *on_its_way = aside();
  plan_add(&plan, PLAN_CARRY, old.dir.s, on_its_way);
  plan_add(&plan, PLAN_OWN, on_its_way, owners());
  if (places_differ) plan_paths(on_its_way);
  plan_add(&plan, PLAN_CARRY, on_its_way, new.dir.s);
}

static void plan_line(struct domain const *was)
{
  static stralloc before = STRALLOC_ZERO, after = STRALLOC_ZERO;
  struct domain is = DOMAIN_ZERO;
  domain_copy(&is, &new);
  if (domain_is_alias(was)) domain_rename(&is, was->name.s);
  domain_line(&before, was);
  domain_line(&after, &is);
  plan_add(&plan, PLAN_DROP, ASSIGN, text_z(&before));
  plan_add(&plan, PLAN_ADD, ASSIGN, text_z(&after));
}

/* The domain's own, and those of its aliases. */
static void plan_lines(void)
{
  stralloc assign = STRALLOC_ZERO;
  struct domain domain = DOMAIN_ZERO;
  if (control_slurp_path(&assign, ASSIGN) == -1) strerr_diefusys(REFUSE_MACHINE, "read ", ASSIGN);
  for (size_t at = 0; domain_next(&domain, &assign, &at);)
    if (strcmp(domain.real.s, old.name.s) == 0) plan_line(&domain);
  stralloc_free(&assign);
}

int main(int argc, char *const *argv)
{
  PROG = "vmovedomain";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 1);
  if (!owner.user && !owner.base && owner.uid == OWNER_ANY && owner.gid == OWNER_ANY) command_usage(&command);
  refuse_unless_root();
  enter_home();
  change_begin();
  char const *name = command_lower(&command, 0);
  domain_need(&old, name, strlen(name));
  if (domain_is_alias(&old)) refuse_saying(VCODE_INVALID_DOMAIN, "that is an alias; name the domain it stands for");
  if (!domain_slot_is_its_own(&old)) refuse_saying(VCODE_CHDIR_DOMAIN, "its directory has not the domain's name");
  new_find(&command);
  plan_directory();
  plan_lines();
  command_change(&command, &plan);
  if (!command.dry_run && places_differ) domain_slot_left(&old);
  if (!command.dry_run) onchange_log("move_domain", name, 0);
  if (!command.dry_run) domain_slot_tell(&new);
  return 0;
}
