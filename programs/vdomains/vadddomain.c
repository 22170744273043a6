/* vadddomain: a virtual domain with its postmaster.

   runs as   root, by hand or by a script
   reads     a password; users/cdb
   changes   first, out of everybody's sight, a directory with .qmail-default and the postmaster's mailbox, as the owner of
             the domain; then its name, users/assign and its cdb, control/virtualdomains, locals, rcpthosts or
             morercpthosts: all or none (change.h)
   exits     0 done, 1 not as things are, 100 wrong use, 111 trouble of the machine
*/

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "as_owner.h"
#include "change.h"
#include "command.h"
#include "die.h"
#include "dir_file.h"
#include "domain.h"
#include "domain_plan.h"
#include "domain_slot.h"
#include "domain_users.h"
#include "onchange.h"
#include "owner.h"
#include "password.h"
#include "plan.h"
#include "quota.h"
#include "refuse.h"
#include "site.h"
#include "store_choice.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_add.h"
#include "vname.h"

#define USAGE "vadddomain [ -q quota ] [ -b | -e address ] [ -u user ] [ -d dir ] [ -i uid ] [ -g gid ] [ -r[length] ] " \
  "[ --json ] [ --dry-run ] domain [ password ]"

static char const *quota = 0, *catchall = 0;
static bool bounces = false, bulk = false;
static uint32_t random_length = 0;
static struct owner owner = OWNER_ZERO;

static struct command_option const options[] = {
  { 'q', COMMAND_TEXT, &quota },
  { 'b', COMMAND_FLAG, &bounces },
  { 'e', COMMAND_TEXT, &catchall },
  { 'u', COMMAND_TEXT, &owner.user },
  { 'd', COMMAND_TEXT, &owner.base },
  { 'i', COMMAND_NUMBER, &owner.uid },
  { 'g', COMMAND_NUMBER, &owner.gid },
  { 'O', COMMAND_FLAG, &bulk },
  { 'r', COMMAND_LENGTH, &random_length },
  { 0 }
};

static struct domain domain = DOMAIN_ZERO;

/* ---- where it will be ---- */

enum { ASIDE_MAX = 200 };                 /* bytes of a domain that may be as long as a file's name; one is added at a time */

static struct domain_slot slot = DOMAIN_SLOT_ZERO;
static int parent;                        /* the directory of the slot */
static stralloc aside = STRALLOC_ZERO;    /* what the domain's directory is called until it is whole */

static void place_find(bool really)
{
  domain_slot_take(&slot, owner.base, really);
  text_set(&aside, ".adding.");
  text_addb(&aside, domain.name.s, domain.name.len < ASIDE_MAX ? domain.name.len : ASIDE_MAX);
  text_z(&aside);
}

/* Someone who put it there by hand knows why. */
static void refuse_known_directory(void)
{
  struct stat st;
  if (fstatat(parent, domain.name.s, &st, AT_SYMLINK_NOFOLLOW) == -1) return;
  domain_slot_give_back(&slot);
  strerr_warnw("this is there already: ", domain.dir.s);
  refuse(VCODE_MAKE_DOMAIN_DIR);
}

/* ---- what is in it ---- */

struct contents { char const *instruction; struct store const *store; struct vpasswd postmaster; };

/* A word with a quote would end the one that it stands in; a name alone is a mailbox of the domain. */
static char const *instruction_make(void)
{
  static stralloc line = STRALLOC_ZERO;
  text_set(&line, "| ");
  text_add(&line, site_find()->home);
  text_add(&line, "/bin/vdelivermail '' ");
  if (!catchall) text_add(&line, "bounce-no-mailbox");
  else {
    if (!strchr(catchall, '@')) {
      text_add(&line, domain.dir.s);
      text_addc(&line, '/');
    }
    text_add(&line, catchall);
  }
  text_addc(&line, '\n');
  return text_z(&line);
}

/* Who delivers for the domain comes by its path. */
static void refuse_unreached(void)
{
  if (access(slot.place.s, X_OK) == 0) return;
  strerr_warnwusys("reach, as the owner of the domain, ", slot.place.s);
  refuse(VCODE_MAKE_DOMAIN_DIR);
}

static int fill(void *contents_)
{
  struct contents const *contents = contents_;
  struct store const *keeper = contents->store->is_apart ? &domain_users_nowhere : contents->store;
  struct store_domain store = { domain.name.s, open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), keeper, STORE_AS_IT_IS };
  char const *line = contents->instruction;
  refuse_unreached();
  if (store.directory == -1 || !dir_file_write(store.directory, ".qmail-default", line, strlen(line))) {
    strerr_warnwusys("write .qmail-default of ", domain.name.s);
    refuse(VCODE_OPEN_QMAIL_DEFAULT);
  }
  domain_users_begin(&store, &domain);
  if (contents->store->edit) user_add_first(&store, domain.dir.s, contents->postmaster);
  return 0;
}

/* His home is there, as that of the first in the domain's directory. */
static int fill_apart(void *contents_)
{
  struct contents *contents = contents_;
  struct store_domain const table = { domain.name.s, -1, contents->store, STORE_AS_IT_IS };
  static stralloc home = STRALLOC_ZERO;
  domain_users_begin(&table, &domain);
  if (!table.store->edit) return 0;
  text_set(&home, domain.dir.s);
  text_add(&home, "/postmaster");
  contents->postmaster.dir = (struct field){ home.s, home.len };
  enum store_result added = store_add(&table, &contents->postmaster);
  if (added != STORE_DONE) store_refuse(added, table.name);
  return 0;
}

static int fill_all(int fd, struct contents *contents)
{
  int code = as_owner(owner.uid, owner.gid, fd, fill, contents);
  if (code || !contents->store->is_apart) return code;
  int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root == -1) strerr_diefusys(REFUSE_MACHINE, "open /");
  code = as_owner(site_find()->uid, site_find()->gid, root, fill_apart, contents);
  fd_close(root);
  return code;
}

static void directory_make(struct contents *contents)
{
  parent = domain_slot_open(&slot);
  if (parent != -1) refuse_known_directory();
  int fd = parent == -1 || !tree_remove(parent, aside.s) ? -1 : tree_make(parent, aside.s, owner.uid, owner.gid, 0750);
  if (fd == -1) {
    domain_slot_give_back(&slot);
    strerr_warnwusys("make ", domain.dir.s);
    refuse(VCODE_MAKE_DOMAIN_DIR);
  }
  int code = fill_all(fd, contents);
  if (!code) return;
  tree_remove(parent, aside.s);
  domain_slot_give_back(&slot);
  _exit(code);
}

/* ---- the postmaster ---- */

static struct vpasswd postmaster_make(char const *password)
{
  static char text[QUOTA_TEXT_SIZE];
  static stralloc name = STRALLOC_ZERO;
  struct quota limit = { 0, 0 };
  if (quota && !quota_parse(&limit, quota, strlen(quota))) refuse_saying(VCODE_BAD_CHARACTER, "that is no quota");
  quota_text(text, &limit);
  text_set(&name, "postmaster@");
  text_add(&name, domain.name.s);
  return (struct vpasswd){
    .name = field_of("postmaster"),
    .hash = field_of(password_new(password, random_length, text_z(&name))),
    .comment = field_of("Postmaster"),
    .quota = field_of(text),
    .uid = 1
  };
}

/* ---- the story ---- */

static void refuse_known(char const *name)
{
  refuse_unless_ok(vname_new_domain(name, strlen(name)));
  if (domain_find(&domain, name, strlen(name))) refuse(VCODE_DOMAIN_EXISTS);
}

static void refuse_catchall(struct command const *command)
{
  if (!catchall) return;
  if (bounces) command_usage(command);
  if (!*catchall || strpbrk(catchall, "'\"\\ \t\n|;&<>()`") || strchr(catchall, '/'))
    refuse_saying(VCODE_INVALID_CHARACTER, "that is no address and no mailbox");
}

static void make(struct command const *command, char const *name)
{
  static stralloc plan = STRALLOC_ZERO, from = STRALLOC_ZERO;
  struct contents contents = { .store = store_of(name) };
  owner_complete(&owner);
  domain_set(&domain, name, owner.uid, owner.gid);
  domain_plan_check(&domain);
  domain_users_refuse_owner(&domain);
  if (!command->dry_run && contents.store->edit) contents.postmaster = postmaster_make(command->words[1]);
  place_find(!command->dry_run);
  domain_place(&domain, slot.place.s);
  contents.instruction = instruction_make();
  if (!command->dry_run) directory_make(&contents);
  text_set(&from, slot.place.s);
  text_addc(&from, '/');
  text_add(&from, aside.s);
  plan_add(&plan, PLAN_MOVE, text_z(&from), domain.name.s);
  domain_plan_add(&plan, &domain);
  command_change(command, &plan);
}

int main(int argc, char *const *argv)
{
  PROG = "vadddomain";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 2);
  refuse_catchall(&command);
  refuse_unless_root();
  enter_home();
  change_begin();
  char const *name = command_lower(&command, 0);
  refuse_known(name);
  make(&command, name);
  if (!command.dry_run) onchange("add_domain", name, 0);
  if (!command.dry_run) domain_slot_tell(&domain);
  return 0;
}
