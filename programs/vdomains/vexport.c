/* vexport: a virtual domain with its users, aliases and limits as lines of JSON (domain_json.h), for vimport.

   runs as   root or the owner of the domain; root becomes the owner for what is read in its directory
   changes   the file, which nobody else may read: it has the hashes of all passwords
   exits     0 done, 1 no such domain, 100 wrong use, 111 trouble of the machine, and then the file is as it was
*/

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "alias_files.h"
#include "command.h"
#include "control.h"
#include "die.h"
#include "dir_file.h"
#include "domain_json.h"
#include "home_lines.h"
#include "limits.h"
#include "named.h"
#include "private_file.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "user_host.h"
#include "vrules.h"

#define USAGE "vexport [ -v ] [ --json ] [ --dry-run ] domain file | -"

enum { AT_ONCE = 1 << 20 };           /* bytes that are kept in memory */

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;
static int kept;                            /* where the child puts it */
static uint64_t *count;                     /* of the lines, by parent and child */
static stralloc text = STRALLOC_ZERO;

/* ---- lines ---- */

static void flush(void)
{
  if (allwrite(kept, text.s, text.len) != text.len) strerr_diefusys(REFUSE_MACHINE, "keep the lines");
  text.len = 0;
}

static void put(struct domain_line const *line)
{
  domain_json_add(&text, line);
  ++*count;
  if (text.len >= AT_ONCE) flush();
}

static struct field whole(stralloc const *s)
{
  return (struct field){ s->len ? s->s : "", s->len };
}

static void put_aliases(void)
{
  stralloc assign = STRALLOC_ZERO;
  struct domain other = DOMAIN_ZERO;
  if (control_slurp_path(&assign, "users/assign") == -1) strerr_diefusys(REFUSE_MACHINE, "read ", "users/assign");
  for (size_t at = 0; domain_next(&other, &assign, &at);)
    if (domain_is_alias(&other) && strcmp(other.real.s, named.domain.real.s) == 0)
      put(&(struct domain_line){ .kind = DOMAIN_LINE_ALIAS_DOMAIN, .name = whole(&other.name) });
  stralloc_free(&assign);
}

static void put_head(void)
{
  put(&(struct domain_line){ .kind = DOMAIN_LINE_DOMAIN, .name = whole(&named.domain.real), .text = whole(&named.domain.dir) });
  put_aliases();
  flush();
}

/* ---- as the owner ---- */

static void put_file(int directory, char const *name)
{
  stralloc file = STRALLOC_ZERO;
  int r = dir_file_read(&file, directory, name, ALIAS_FILE_MAX);
  if (r == -1) strerr_diefusys(REFUSE_MACHINE, "read ", name);
  if (r == 1) put(&(struct domain_line){ .kind = DOMAIN_LINE_FILE, .name = { name, strlen(name) }, .text = whole(&file) });
  stralloc_free(&file);
}

/* Who has no home has none. */
static void host_find(char host[MAIL_HOST_SIZE], struct vpasswd const *record)
{
  int home = home_lines_open(record->dir);
  host[0] = 0;
  if (home == -1 && errno == ENOENT) return;
  if (home == -1 || user_host_find(host, home, record->name) == -1) strerr_diefusys(REFUSE_MACHINE, "read ", home_lines_names[HOME_HOST]);
  fd_close(home);
}

static bool put_user(void *nothing, struct vpasswd const *record)
{
  char host[MAIL_HOST_SIZE];
  (void)nothing;
  host_find(host, record);
  put(&(struct domain_line){ .kind = DOMAIN_LINE_USER, .record = *record, .host = field_of(host) });
  return true;
}

static void put_alias(char const *name, char const *file)
{
  static stralloc lines = STRALLOC_ZERO;
  if (!alias_files_read(&lines, file)) return;
  put(&(struct domain_line){ .kind = DOMAIN_LINE_ALIAS, .name = { name, strlen(name) }, .text = whole(&lines) });
}

static int put_domain(void *nothing)
{
  static char const *const files[] = { LIMITS_OF_DOMAIN, VRULES_OF_DOMAIN, ".qmail-default" };
  struct store_domain table = named_table(&named);
  (void)nothing;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) put_file(table.directory, files[i]);
  enum store_result listed = store_list(&table, put_user, 0);
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  alias_files_list(put_alias);
  domain_json_add(&text, &(struct domain_line){ .kind = DOMAIN_LINE_END, .count = *count });
  flush();
  return 0;
}

/* ---- the file ---- */

static void refuse_open_file(void)
{
  struct stat st;
  if (fstat(1, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 077)
    strerr_dief(REFUSE_CALLER, "others may read the file on standard output, and it would have all passwords: umask 077");
}

static void begin(void)
{
  kept = private_file_draft();
  count = mmap(0, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (count == MAP_FAILED) die_nomem();
}

int main(int argc, char *const *argv)
{
  struct private_file file = { -1, 0 };
  PROG = "vexport";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 2, 2);
  bool to_file = strcmp(command.words[1], "-") != 0;
  if (to_file) file = private_file_find(command.words[1]);
  else refuse_open_file();
  enter_home();
  named_read_domain(&named, command.words[0]);
  if (command_only_says("export ", named.domain.real.s)) return 0;
  begin();
  put_head();
  int status = named_work(&named, put_domain, 0);
  if (status) return status;
  private_file_read(&text, kept);
  if (to_file) private_file_write(file, &text);
  else command_answer(&text);
  return 0;
}
