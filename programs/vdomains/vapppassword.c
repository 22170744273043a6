/* vapppassword: passwords of a user of a virtual domain for single programs of his, made, shown and revoked.

   runs as   root or the owner of the domain; root becomes the owner
   reads     the user's record, what he has of them, when each was last used
   changes   apppasswords in his home, and what tells of their use there
   exits     0 done, 1 no such user, domain or password, or the name is taken, or his passwords stay, 100 wrong use, 111 trouble of the machine
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "app_file.h"
#include "command.h"
#include "die.h"
#include "dir_file.h"
#include "hash.h"
#include "home_lines.h"
#include "json.h"
#include "limits.h"
#include "named.h"
#include "onchange.h"
#include "refuse.h"
#include "text.h"
#include "tree.h"
#include "user_alter.h"
#include "user_password.h"

#define USAGE "vapppassword [ -a name [ -s services ] [ -o ] | -d name | -D ] [ -v ] [ --json ] [ --dry-run ] address"
#define USUAL_SERVICES "pop3,imap,smtp"

enum { MOST = 32 };                     /* of one user */

static char const *adds = 0, *drops = 0, *services = 0;
static bool drops_all = false, opens = false;

static struct command_option const options[] = {
  { 'a', COMMAND_TEXT, &adds },
  { 'd', COMMAND_TEXT, &drops },
  { 's', COMMAND_TEXT, &services },
  { 'D', COMMAND_FLAG, &drops_all },
  { 'o', COMMAND_FLAG, &opens },
  { 0 }
};

static struct command command;
static struct named named = NAMED_ZERO;
static stralloc text = STRALLOC_ZERO, answer = STRALLOC_ZERO;

/* ---- his home ---- */

static int home_open(void)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (!named_find(&named, &record, &space)) user_alter_refuse_nobody(&named);
  int home = home_lines_open(record.dir);
  if (home == -1) strerr_diefusys(REFUSE_MACHINE, "open the home of ", named_address(&named));
  return home;
}

_Noreturn static void trouble(char const *doing)
{
  strerr_diefusys(REFUSE_MACHINE, doing, home_lines_names[HOME_APP_PASSWORDS]);
}

static void read_all(int home)
{
  if (home_lines_read(&text, home, HOME_APP_PASSWORDS) == -1) trouble("read ");
}

static void lock(int home)
{
  if (!command.dry_run && home_lines_lock(home, HOME_APP_PASSWORDS) == -1) trouble("lock ");
}

static void write_all(int home, stralloc const *new)
{
  if (!home_lines_write(home, HOME_APP_PASSWORDS, new)) trouble("write ");
}

/* ---- a new one ---- */

static void refuse_name(void)
{
  struct app_password p;
  size_t count = 0;
  for (size_t at = 0; app_file_next(&p, &text, named_user(&named), &at); count++)
    if (field_is(p.name, adds)) refuse_saying(VCODE_USERNAME_EXISTS, "there is an app password of that name");
  if (count >= MOST) refuse_saying(VCODE_USERNAME_EXISTS, "no more app passwords for this user");
}

static void make(char shown[APP_PASSWORD_SIZE], char hash[HASH_SIZE])
{
  unsigned char random[APP_PASSWORD_LETTERS];
  char letters[APP_PASSWORD_LETTERS];
  if (getrandom(random, sizeof random, 0) != sizeof random) strerr_diefusys(REFUSE_MACHINE, "make a password");
  app_password_show(shown, random);
  app_password_letters(letters, shown, strlen(shown));
  if (!hash_make_random(hash, letters, sizeof letters)) strerr_diefusys(REFUSE_MACHINE, "make a password");
}

static void show_new(char const *shown)
{
  text_add(&answer, command.json ? "{\"password\":\"" : "App password: ");
  text_add(&answer, shown);
  text_add(&answer, command.json ? "\"}\n" : "\n");
}

static void add(int home)
{
  char shown[APP_PASSWORD_SIZE], hash[HASH_SIZE];
  struct app_password p = { .user = named_user(&named), .name = field_of(adds), .opens = opens, .made = (uint64_t)time(0) };
  user_password_need(&named);
  lock(home);
  read_all(home);
  refuse_name();
  app_password_services(&p.services, field_of(services ? services : USUAL_SERVICES));
  if (command_only_says("add an app password of ", named_address(&named))) return;
  make(shown, hash);
  p.hash = field_of(hash);
  if (text.len && text.s[text.len - 1] != '\n') text_addc(&text, '\n');
  if (!app_password_add(&text, &p)) die_nomem();
  write_all(home, &text);
  show_new(shown);
}

/* ---- one that goes, or all ---- */

static void forget_use(int home, struct field name)
{
  struct app_password p;
  char file[APP_FILE_USE_SIZE];
  for (size_t at = 0; app_file_next(&p, &text, named_user(&named), &at);) {
    if (name.len && !field_same(p.name, name)) continue;
    app_file_use(file, &p);
    tree_remove(home, file);
  }
}

static void drop(int home)
{
  stralloc left = STRALLOC_ZERO;
  struct field name = field_of(drops ? drops : "");
  lock(home);
  read_all(home);
  size_t count = app_file_without(&left, &text, named_user(&named), name);
  if (count == SIZE_MAX) die_nomem();
  if (!count) refuse_in_words(REFUSE_NO, "no such app password");
  if (command_only_says("revoke app passwords of ", named_address(&named))) return;
  write_all(home, &left);
  forget_use(home, name);
}

/* ---- what there is ---- */

struct use { time_t when; stralloc ip; };

/* Where it cannot be told it was not used. */
static void use_find(struct use *use, int home, struct app_password const *p)
{
  enum { IP_MAX = 256 };
  char file[APP_FILE_USE_SIZE];
  struct stat st;
  app_file_use(file, p);
  use->when = 0;
  use->ip.len = 0;
  int fd = dir_file_open(home, file);
  if (fd == -1) return;
  if (fstat(fd, &st) == 0 && dir_file_read_fd(&use->ip, fd, IP_MAX)) {
    use->when = st.st_mtime;
    use->ip.len = strcspn(text_z(&use->ip), "\r\n");
  }
  fd_close(fd);
}

static void add_day(time_t when)
{
  struct tm tm;
  char day[64];
  if (gmtime_r(&when, &tm) && strftime(day, sizeof day, "%Y-%m-%d", &tm)) text_add(&answer, day);
}

static void add_services(struct app_password const *p)
{
  if (!app_password_add_services(&answer, p->services)) die_nomem();
}

static void show_line(struct app_password const *p, struct use const *use)
{
  text_addb(&answer, p->name.s, p->name.len);
  text_add(&answer, ": ");
  add_services(p);
  text_add(&answer, p->opens ? " (even closed ones), made " : ", made ");
  add_day((time_t)p->made);
  text_add(&answer, use->when ? ", last used " : ", never used");
  if (use->when) add_day(use->when);
  text_add(&answer, use->when ? " from " : "");
  if (use->when) text_addb(&answer, use->ip.s, use->ip.len);
  text_addc(&answer, '\n');
}

static void show_json(struct app_password const *p, struct use const *use)
{
  text_add(&answer, "{\"name\":\"");
  text_addb(&answer, p->name.s, p->name.len);
  text_add(&answer, "\",\"services\":\"");
  add_services(p);
  text_add(&answer, p->opens ? "\",\"opens\":true,\"made\":" : "\",\"opens\":false,\"made\":");
  text_addu(&answer, p->made);
  if (use->when) {
    text_add(&answer, ",\"last_used\":");
    text_addu(&answer, (uint64_t)use->when);
    text_add(&answer, ",\"last_ip\":");
    if (!json_text(&answer, use->ip.s, use->ip.len)) die_nomem();
  }
  text_add(&answer, "}\n");
}

static void show(int home)
{
  struct use use = { .ip = STRALLOC_ZERO };
  struct app_password p;
  read_all(home);
  for (size_t at = 0; app_file_next(&p, &text, named_user(&named), &at);) {
    use_find(&use, home, &p);
    (command.json ? show_json : show_line)(&p, &use);
  }
}

static int work(void *nothing)
{
  (void)nothing;
  int home = home_open();
  (adds ? add : drops || drops_all ? drop : show)(home);
  command_answer(&answer);
  return 0;
}

static void refuse_words(void)
{
  uint32_t bits;
  command_need_words(&command, 1, 1);
  if ((adds != 0) + (drops != 0) + drops_all > 1 || ((services || opens) && !adds)) command_usage(&command);
  if ((adds && !app_password_is_name(field_of(adds))) || (drops && !*drops))
    refuse_saying(VCODE_BAD_CHARACTER, "a name is up to 32 small letters, digits, dots and hyphens");
  if (services && !app_password_services(&bits, field_of(services)))
    refuse_saying(VCODE_BAD_CHARACTER, "services are pop3, imap, smtp and webmail, with commas");
}

int main(int argc, char *const *argv)
{
  PROG = "vapppassword";
  command = command_read(argc, argv, options, USAGE);
  refuse_words();
  enter_home();
  limits_site_read();
  named_read(&named, command.words[0]);
  int status = named_work(&named, work, 0);
  if (!status && !command.dry_run && adds) onchange_user("add_app_password", named_user(&named), named.domain.real.s, adds);
  if (!status && !command.dry_run && (drops || drops_all))
    onchange_user("del_app_password", named_user(&named), named.domain.real.s, drops);
  return status;
}
