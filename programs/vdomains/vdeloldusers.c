/* vdeloldusers: users of virtual domains who have not logged in for a long time are told, or removed.

   runs as   root or the owner of the domains; root becomes each owner
   reads     lastauth in the homes, .qmail-default of the domains
   changes   with -D what vdeluser changes, for each of them
   exits     0 done, 1 no such domain, 100 wrong use, 111 of some it could not be told, or they could not be removed
*/

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "catchall.h"
#include "command.h"
#include "die.h"
#include "domains.h"
#include "json.h"
#include "named.h"
#include "onchange.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_login.h"
#include "user_remove.h"

#define USAGE "vdeloldusers [ -a days ] [ -DVv ] [ --dry-run ] [ --json ] -d domain | -e"

enum { DAYS = 180, SECONDS_A_DAY = 86400 };

static uint32_t days = DAYS;
static char const *domain = 0;
static bool every = false, removes = false, lists = false;

static struct command_option const options[] = {
  { 'a', COMMAND_NUMBER, &days },
  { 'd', COMMAND_TEXT, &domain },
  { 'e', COMMAND_FLAG, &every },
  { 'D', COMMAND_FLAG, &removes },
  { 'V', COMMAND_FLAG, &lists },
  { 0 }
};

static struct command command;
static time_t now;
static uint64_t *found;           /* by all children together */
static stralloc old_ones = STRALLOC_ZERO;       /* of this domain, a NUL behind each */
static bool in_trouble = false;

/* ---- telling ---- */

static void add_day(stralloc *to, time_t when)
{
  struct tm tm;
  char text[32];
  if (gmtime_r(&when, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm)) text_add(to, text);
}

static void add_json(stralloc *to, char const *address, struct user_login const *login)
{
  text_add(to, "{\"address\":");
  if (!json_text(to, address, strlen(address))) die_nomem();
  text_add(to, login->last ? ",\"last_auth\":" : ",\"created\":");
  text_addu(to, (uint64_t)(login->last ? login->last : login->made));
  text_add(to, "}\n");
}

static void add_line(stralloc *to, char const *address, struct user_login const *login)
{
  text_add(to, address);
  text_add(to, login->last ? ": last login " : ": never logged in, made ");
  add_day(to, login->last ? login->last : login->made);
  text_addc(to, '\n');
}

static void tell(char const *address, struct user_login const *login)
{
  static stralloc line = STRALLOC_ZERO;
  line.len = 0;
  if (command.json) add_json(&line, address, login);
  else add_line(&line, address, login);
  if (buffer_put(buffer_1, line.s, line.len) == -1) strerr_diefusys(111, "write the answer");
}

/* ---- who is old ---- */

static bool is_old(struct user_login const *login)
{
  time_t since = login->last ? login->last : login->made;
  return since && since < now && (uint64_t)(now - since) > (uint64_t)days * SECONDS_A_DAY;
}

/* Without a home nobody has logged in, and nothing is known. */
static bool look(struct user_login *login, struct field dir)
{
  static stralloc path = STRALLOC_ZERO, space = STRALLOC_ZERO;
  *login = (struct user_login){ .last = 0 };
  if (!dir.len) return true;
  text_setb(&path, dir.s, dir.len);
  int home = tree_open(text_z(&path));
  if (home == -1) return errno == ENOENT;
  bool known = user_login_find(login, home, &space);
  fd_close(home);
  return known;
}

static void see(struct named *named, struct vpasswd const *record)
{
  struct user_login login;
  text_setb(&named->user, record->name.s, record->name.len);
  text_z(&named->user);
  if (strcmp(named->user.s, "postmaster") == 0) return;
  if (!look(&login, record->dir)) {
    strerr_warnwusys("find the last login of ", named_address(named));
    in_trouble = true;
  }
  else if (is_old(&login)) {
    ++*found;
    if (!removes || lists || command.json) tell(named_address(named), &login);
    text_addb(&old_ones, named->user.s, named->user.len + 1);
  }
}

static bool see_one(void *named, struct vpasswd const *record)
{
  see(named, record);
  return true;
}

/* ---- removing ---- */

static void remove_one(struct named *named, struct store_domain const *table, char const *name)
{
  text_set(&named->user, name);
  text_z(&named->user);
  if (catchall_is(named, table->directory)) strerr_warnw("stays, since what is nobody's goes there: ", named_address(named));
  else if (user_remove(table, named->domain.dir.s, named_user(named)))
    onchange_user("del_user", named_user(named), named->domain.real.s, 0);
}

static int work(void *named_)
{
  struct named *named = named_;
  struct store_domain table = named_table(named);
  if (removes) user_remove_finish(&table, named->domain.dir.s);
  enum store_result listed = store_list(&table, see_one, named);
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write the answer");
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  for (size_t at = 0; removes && at < old_ones.len; at += strlen(old_ones.s + at) + 1) remove_one(named, &table, old_ones.s + at);
  return in_trouble ? REFUSE_MACHINE : 0;
}

static void begin(void)
{
  now = time(0);
  removes &= !command.dry_run;
  found = mmap(0, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) die_nomem();
}

static void end(void)
{
  if (command.json) return;
  if (!*found) buffer_puts(buffer_1, "no old users found\n");
  else if (!removes) buffer_puts(buffer_1, " ** no users were deleted  **\n ** use -D to delete users **\n");
  buffer_flush(buffer_1);
}

int main(int argc, char *const *argv)
{
  PROG = "vdeloldusers";
  command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 0, 0);
  if (every == (domain != 0)) command_usage(&command);
  begin();
  enter_home();
  char *const one[] = { (char *)domain };
  int status = domains_each(one, every ? 0 : 1, work);
  end();
  return status;
}
