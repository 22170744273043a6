/* vdeluser: a user of a virtual domain goes, with all his mail.

   runs as   root or the owner of the domain; root becomes the owner
   reads     .qmail-default of the domain: who gets what is nobody's cannot go
   changes   vpasswd and vpasswd.cdb, the home, .dir-control and .dir_control_free, in the order of user_remove.h
   exits     0 done, 1 no such user or domain, or the catch-all, 100 wrong use, 111 trouble of the machine
*/

#include <string.h>

#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "dir_file.h"
#include "named.h"
#include "refuse.h"
#include "text.h"
#include "user_remove.h"
#include "vdelivermail_line.h"
#include "vname.h"

#define USAGE "vdeluser [ -v ] [ --dry-run ] address"

enum { INSTRUCTIONS_MAX = 65536 };

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;

/* ---- the catch-all ---- */

static bool is_path_of_user(struct field path)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  space.len = 0;
  if (!named_find(&named, &record, &space)) return false;
  return record.dir.len == path.len && memcmp(record.dir.s, path.s, path.len) == 0;
}

static bool same(stralloc const *a, stralloc const *b)
{
  return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static bool is_address_of_user(struct field address)
{
  static stralloc user = STRALLOC_ZERO, domain = STRALLOC_ZERO;
  if (!vname_split(&user, &domain, address.s, address.len)) die_nomem();
  return same(&user, &named.user) && (same(&domain, &named.domain.real) || same(&domain, &named.domain.name));
}

static bool goes_to_user(char const *s, size_t len)
{
  struct vdelivermail_line line;
  if (!vdelivermail_line_parse(&line, s, len)) return false;
  if (line.action == VDELIVERMAIL_DIRECTORY) return is_path_of_user(line.target);
  return line.action == VDELIVERMAIL_FORWARD && is_address_of_user(line.target);
}

static void refuse_catchall(int directory)
{
  stralloc text = STRALLOC_ZERO;
  size_t len;
  if (dir_file_read(&text, directory, ".qmail-default", INSTRUCTIONS_MAX) == -1) strerr_diefusys(111, "read ", ".qmail-default");
  text_z(&text);
  for (size_t at = 0; at < text.len; at += len + 1) {
    len = strcspn(text.s + at, "\n");
    if (goes_to_user(text.s + at, len)) refuse(VCODE_CATCHALL);
  }
}

static void refuse_nobody(void)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (!named_find(&named, &record, &space)) refuse(VCODE_NO_USER);
}

static int drop(void *nothing)
{
  struct store_domain table = named_table(&named);
  (void)nothing;
  if (!command_is_dry()) user_remove_finish(&store_cdb, &table, named.domain.dir.s);
  refuse_nobody();
  refuse_catchall(table.directory);
  if (command_only_says("remove ", named_address(&named))) return 0;
  if (!user_remove(&store_cdb, &table, named.domain.dir.s, named_user(&named))) refuse(VCODE_NO_USER);
  return 0;
}

int main(int argc, char *const *argv)
{
  PROG = "vdeluser";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 1);
  enter_home();
  named_read(&named, command.words[0]);
  return named_work(&named, drop, 0);
}
