/* vimport: users, aliases and limits of a virtual domain out of lines of JSON (domain_json.h), as vexport writes them.

   runs as   root or the owner of the domain; root becomes the owner for what is changed in its directory
   reads     the file, all of it, before anything is changed
   changes   users who are not there are added with their homes, all or none; then users who are there get what the file says, all
             or none; then files and aliases; with root, which host a mailbox is on, and at last alias domains
   exits     0 done, 1 no such domain, or not as things are, 100 wrong use, or a line is wrong: nothing is changed, 111 trouble
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "alias_files.h"
#include "bulk.h"
#include "change.h"
#include "command.h"
#include "die.h"
#include "dir_file.h"
#include "domain_json.h"
#include "domain_plan.h"
#include "home_lines.h"
#include "limits.h"
#include "lines.h"
#include "memory.h"
#include "named.h"
#include "nameset.h"
#include "onchange.h"
#include "quota.h"
#include "record_fit.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "user_add.h"
#include "user_host.h"
#include "user_quota.h"
#include "vflags.h"
#include "vname.h"
#include "vrules.h"

#define USAGE "vimport [ -v ] [ --json ] [ --dry-run ] file | - [ domain ]"

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;
static struct domain_line *lines;
static size_t lines_count;

/* ---- reading ---- */

static void list_read(stralloc *text, char const *file)
{
  int fd = strcmp(file, "-") == 0 ? 0 : open(file, O_RDONLY | O_CLOEXEC);
  if (fd == -1 || !dir_file_read_fd(text, fd, BULK_MAX)) strerr_diefusys(REFUSE_MACHINE, "read ", file);
}

static size_t newlines(stralloc const *text)
{
  size_t n = 0;
  for (size_t at = 0; at < text->len; at += byte_chr(text->s + at, text->len - at, '\n') + 1) n++;
  return n;
}

_Noreturn static void refuse_line(char const *why)
{
  refuse_saying(VCODE_BAD_CHARACTER, why);
}

static void line_read(struct domain_line *line, char const *s, size_t len)
{
  switch (domain_json_read(line, s, len)) {
    case DOMAIN_JSON_OK: return;
    case DOMAIN_JSON_NO_MEMORY: die_nomem();
    default: refuse_line("that is no line of a domain");
  }
}

static void lines_read(stralloc const *text)
{
  lines = memory_zeroed(newlines(text) + 1, sizeof *lines);
  for (size_t at = 0, n; at < text->len; at += n + 1) {
    n = byte_chr(text->s + at, text->len - at, '\n');
    refuse_at_line(lines_count + 1);
    line_read(lines + lines_count++, text->s + at, n);
  }
}

/* ---- judging ---- */

static enum vcode judge_user(struct domain_line const *line)
{
  struct vpasswd const *r = &line->record;
  struct quota quota;
  char host[MAIL_HOST_SIZE];
  enum vcode code = vname_new_user(r->name.s, r->name.len, true);
  if (code == VCODE_OK) code = record_fit(r);
  if (code == VCODE_OK && !quota_parse(&quota, r->quota.s, r->quota.len)) refuse_line("that is no quota");
  if (code == VCODE_OK && line->host.len && !mail_host_read(host, line->host.s, line->host.len)) refuse_line("that is no host");
  if (code == VCODE_OK && r->flags & (VFLAG_SYSTEM_ADMIN | VFLAG_SYSTEM_EXPERT) && geteuid() != 0)
    refuse_line("only root makes administrators of the system");
  return code;
}

static enum vcode judge_alias(struct domain_line const *line)
{
  stralloc file = STRALLOC_ZERO;
  enum vcode code = vname_dotqmail(&file, line->name.s, line->name.len);
  if (code == VCODE_OK && nameset_same(file.s, ".qmail-default", file.len) && file.len == strlen(".qmail-default"))
    code = VCODE_CATCHALL;
  stralloc_free(&file);
  return line->text.len > ALIAS_FILE_MAX ? VCODE_ALIAS_TOO_LONG : code;
}

static enum vcode judge_domain(struct domain_line const *line)
{
  return vname_domain(line->name.s, line->name.len);
}

static char const *const files[] = { LIMITS_OF_DOMAIN, VRULES_OF_DOMAIN, ".qmail-default" };

static enum vcode judge_file(struct domain_line const *line)
{
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (strcmp(line->name.s, files[i]) == 0 && line->text.len <= ALIAS_FILE_MAX) return VCODE_OK;
  refuse_line("that is no file of a domain");
}

static enum vcode judge_end(struct domain_line const *line)
{
  if (line != lines + lines_count - 1 || line->count != lines_count - 1) refuse_line("lines are missing before the end");
  return VCODE_OK;
}

static enum vcode (*const judges[DOMAIN_LINE_KINDS])(struct domain_line const *) = {
  [DOMAIN_LINE_DOMAIN] = judge_domain, [DOMAIN_LINE_ALIAS_DOMAIN] = judge_domain, [DOMAIN_LINE_FILE] = judge_file,
  [DOMAIN_LINE_USER] = judge_user, [DOMAIN_LINE_ALIAS] = judge_alias, [DOMAIN_LINE_END] = judge_end
};

/* One that was cut off on its way is no domain. */
static void lines_judge(void)
{
  for (size_t i = 0; i < lines_count; i++) {
    refuse_at_line(i + 1);
    if ((lines[i].kind == DOMAIN_LINE_DOMAIN) != !i) refuse_line("a domain begins with its name, once");
    refuse_unless_ok(judges[lines[i].kind](lines + i));
  }
  refuse_at_line(0);
  if (!lines_count || lines[lines_count - 1].kind != DOMAIN_LINE_END) refuse_line("the file has no end");
}

/* ---- users ---- */

struct users {
  struct vpasswd *fresh;
  struct store_edit *old;
  struct domain_line const **hosted;    /* who has a host, or may have one */
  size_t fresh_count, old_count, hosted_count;
};

static void user_sort_in(struct users *to, struct store_domain const *table, struct domain_line const *line)
{
  struct vpasswd const *record = &line->record;
  stralloc space = STRALLOC_ZERO;
  struct vpasswd found;
  enum store_result result = store_find(table, &found, &space, record->name);
  if (result == STORE_NO_USER) to->fresh[to->fresh_count++] = *record;
  else if (result != STORE_DONE) store_refuse(result, table->name);
  else to->old[to->old_count++] = (struct store_edit){
    .deed = STORE_ALTER, .record = *record, .flags_dropped = ~(uint32_t)0,
    .fields = STORE_HASH | STORE_COMMENT | STORE_QUOTA | STORE_FLAGS | STORE_CLEAR
  };
  if (result == STORE_DONE || line->host.len) to->hosted[to->hosted_count++] = line;
  stralloc_free(&space);
}

static void users_sort(struct users *to, struct store_domain const *table)
{
  to->fresh = memory_zeroed(lines_count + 1, sizeof *to->fresh);
  to->old = memory_zeroed(lines_count + 1, sizeof *to->old);
  to->hosted = memory_zeroed(lines_count + 1, sizeof *to->hosted);
  for (size_t i = 0; i < lines_count; i++)
    if (lines[i].kind == DOMAIN_LINE_USER) user_sort_in(to, table, lines + i);
}

static bool is_root;                    /* who called, whoever works */

static int home_of(struct store_domain const *table, struct field name)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result found = store_find(table, &record, &space, name);
  if (found != STORE_DONE) store_refuse(found, table->name);
  int home = home_lines_open(record.dir);
  int e = errno;
  stralloc_free(&space);
  errno = e;
  return home;
}

/* Who has no home has no host that would have to go. */
static void host_put(struct store_domain const *table, struct domain_line const *line)
{
  char host[MAIL_HOST_SIZE] = "";
  int home = home_of(table, line->record.name);
  if (home == -1 && errno == ENOENT && !line->host.len) return;
  if (line->host.len) mail_host_read(host, line->host.s, line->host.len);
  if (home == -1 || !user_host_set(home, line->record.name, host))
    strerr_diefusys(REFUSE_MACHINE, "note the host in the home of ", line->record.name.s);
  fd_close(home);
}

static void hosts_put(struct store_domain const *table, struct users const *users)
{
  for (size_t i = 0; i < users->hosted_count; i++) {
    struct domain_line const *line = users->hosted[i];
    if (is_root) host_put(table, line);
    else if (line->host.len) strerr_warnw("only root says on which host a mailbox is: ", line->record.name.s);
  }
}

static void users_put(struct store_domain const *table)
{
  struct users users = { 0 };
  size_t culprit;
  users_sort(&users, table);
  refuse_unless_ok(user_add_many(table, named.domain.dir.s, users.fresh, users.fresh_count, &culprit));
  enum store_result changed = users.old_count ? store_edit(table, users.old, users.old_count, &culprit) : STORE_DONE;
  if (changed != STORE_DONE) store_refuse(changed, table->name);
  if (users.old_count) user_quota_note(&named);
  hosts_put(table, &users);
}

/* ---- files ---- */

/* What leads into the directory that the domain had leads into the one it has. */
static void place_renew(stralloc *text)
{
  struct field const old = lines[0].text;
  stralloc fresh = STRALLOC_ZERO;
  for (size_t at = 0; old.len && at < text->len;) {
    bool is_it = text->len - at >= old.len && memcmp(text->s + at, old.s, old.len) == 0;
    if (is_it) text_addx(&fresh, &named.domain.dir);
    else text_addc(&fresh, text->s[at]);
    at += is_it ? old.len : 1;
  }
  if (old.len) text_setb(text, fresh.s ? fresh.s : "", fresh.len);
  stralloc_free(&fresh);
}

static void file_put(struct domain_line const *line, char const *name)
{
  stralloc text = STRALLOC_ZERO;
  text_setb(&text, line->text.s, line->text.len);
  if (strcmp(name, ".qmail-default") == 0) place_renew(&text);
  alias_files_write(name, &text);
  stralloc_free(&text);
}

static void files_put(void)
{
  stralloc file = STRALLOC_ZERO;
  alias_files_lock();
  for (size_t i = 0; i < lines_count; i++) {
    if (lines[i].kind == DOMAIN_LINE_FILE) file_put(lines + i, lines[i].name.s);
    if (lines[i].kind != DOMAIN_LINE_ALIAS) continue;
    vname_dotqmail(&file, lines[i].name.s, lines[i].name.len);
    file_put(lines + i, file.s);
  }
  stralloc_free(&file);
}

static int put(void *nothing)
{
  struct store_domain table = named_table(&named);
  (void)nothing;
  users_put(&table);
  files_put();
  return 0;
}

/* ---- alias domains ---- */

static void alias_plan(stralloc *plan, struct domain_line const *line)
{
  struct domain alias = DOMAIN_ZERO;
  if (domain_find(&alias, line->name.s, line->name.len)) {
    if (strcmp(alias.real.s, named.domain.real.s) != 0) strerr_warnw("is another domain's, and stays: ", line->name.s);
    return;
  }
  refuse_unless_ok(vname_new_domain(line->name.s, line->name.len));
  domain_copy(&alias, &named.domain);
  domain_rename(&alias, line->name.s);
  domain_plan_check(&alias);
  domain_plan_add(plan, &alias);
}

static void aliases_put(struct command const *command)
{
  stralloc plan = STRALLOC_ZERO;
  for (size_t i = 0; i < lines_count; i++) {
    if (lines[i].kind != DOMAIN_LINE_ALIAS_DOMAIN) continue;
    if (geteuid() == 0) alias_plan(&plan, lines + i);
    else strerr_warnw("only root makes alias domains: ", lines[i].name.s);
  }
  if (plan.len) command_change(command, &plan);
}

/* ---- the story ---- */

static void tell(void)
{
  onchange_log("import", named.domain.real.s, 0);
  for (size_t i = 0; i < lines_count; i++)
    if (lines[i].kind == DOMAIN_LINE_USER) onchange_script_user("mod_user", lines[i].record.name, named.domain.real.s);
}

static void say(void)
{
  for (size_t i = 0; i < lines_count; i++) {
    if (lines[i].kind == DOMAIN_LINE_USER) command_only_says("user ", lines[i].record.name.s);
    if (lines[i].kind == DOMAIN_LINE_ALIAS) command_only_says("alias ", lines[i].name.s);
    if (lines[i].kind == DOMAIN_LINE_FILE) command_only_says("file ", lines[i].name.s);
  }
}

int main(int argc, char *const *argv)
{
  stralloc text = STRALLOC_ZERO;
  PROG = "vimport";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 2);
  list_read(&text, command.words[0]);
  lines_read(&text);
  lines_judge();
  is_root = geteuid() == 0;
  enter_home();
  limits_site_read();
  if (geteuid() == 0) change_begin();
  named_read_domain(&named, command.count == 2 ? command.words[1] : lines[0].name.s);
  int status = command.dry_run ? (say(), 0) : named_work(&named, put, 0);
  if (status) return status;
  aliases_put(&command);
  if (!command.dry_run) tell();
  return 0;
}
