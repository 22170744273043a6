/* vpopmaild: virtual domains by the protocol of vpopmail's daemon, for web pages of this host.

   runs as   root until somebody has logged in; then the owner of his domain, but for an administrator of the system
   reads     lines on fd 0, replies on fd 1; the service qmail-users says whether a password is right
   changes   nothing itself: each verb that changes something runs the command for it
   logs      logins and changes on fd 2, without passwords
   exits     0 after quit or hangup, 1 sent away, 100 misused, 111 trouble of the machine
*/

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "become.h"
#include "command.h"
#include "control.h"
#include "die.h"
#include "domain.h"
#include "limits.h"
#include "log_text.h"
#include "maild_facts.h"
#include "maild_files.h"
#include "maild_limits.h"
#include "maild_line.h"
#include "maild_run.h"
#include "maild_show.h"
#include "named.h"
#include "nameset.h"
#include "net.h"
#include "refuse.h"
#include "site.h"
#include "store_refuse.h"
#include "text.h"
#include "users.h"
#include "users_ask.h"
#include "vflags.h"
#include "vname.h"

enum {
  LINE_MAX_BYTES = 4096,
  OPTIONS_MAX = 65536,        /* bytes of all lines behind a verb */
  TIMEOUT = 300, SESSION = 3600,
  PATIENCE_MS = 20000,
  GO_AHEAD_MS = 500,
  LOGINS_MAX = 3, FAILURE_DELAY = 2,
  WORDS_MAX = 3,
  FLAGS_MAX = 32
};

/* The major numbers of -ERR are those that the commands exit with; these are our own. */
enum { ERROR_NO = 1, ERROR_LINE = 100, ERROR_RIGHTS = 101, ERROR_TROUBLE = 111 };

#define FORBIDDEN "the limits of the domain forbid that"

/* Who has one of these has more than his domain. */
enum { POWERS = VFLAG_SYSTEM_ADMIN | VFLAG_SYSTEM_EXPERT };

static struct net net;
static stralloc output = STRALLOC_ZERO;       /* of what was run */

/* ---- who calls ---- */

static struct {
  bool known, compact, is_admin, is_system;
  stralloc user, domain;      /* the real one; each with an uncounted NUL */
} caller = { .user = STRALLOC_ZERO, .domain = STRALLOC_ZERO };

static int failures = 0;

/* Who administers the system: root says it, not a table that vpopmail may write. */
static struct nameset admins = NAMESET_ZERO;

static struct control const controls[] = {
  /* file               kind            goes to   when absent */
  { "vpopmaildadmins",  CONTROL_NAMES,  &admins,  0 },
  { 0 }
};

/* ---- replies ---- */

static void reply_ok(void)
{
  net_puts(&net, "+OK\r\n");
}

static void reply_error(int major, char const *text)
{
  char digits[UINT_FMT + 1];
  digits[uint_fmt(digits, (unsigned)major)] = 0;
  net_puts(&net, "-ERR ");
  net_puts(&net, digits);
  net_puts(&net, ".0 ");
  net_puts(&net, text);
  net_puts(&net, "\r\n");
}

/* A dot alone ends what is sent, either way: so where nothing else is in a line there is one more. */
static bool is_dots(char const *s, size_t len)
{
  size_t n = 0;
  while (n < len && s[n] == '.') n++;
  return len && n == len;
}

static void reply_data(stralloc const *text)
{
  net_puts(&net, "+OK+\r\n");
  for (size_t at = 0, n; at < text->len; at += n + 1) {
    n = byte_chr(text->s + at, text->len - at, '\n');
    if (is_dots(text->s + at, n)) net_puts(&net, ".");
    net_put(&net, text->s + at, n);
    net_puts(&net, "\r\n");
  }
  net_puts(&net, ".\r\n");
}

/* What a command says in its first line, but trouble only to the log. */
static void reply_refusal(int code)
{
  static char const error[] = "Error: ";
  size_t n = output.len ? byte_chr(output.s, output.len, '\n') : 0;
  if (!n || code == MAILD_RUN_TROUBLE) {
    reply_error(ERROR_TROUBLE, "trouble of this host, try again later");
    return;
  }
  output.len = n;
  text_z(&output);
  bool begins = strncmp(output.s, error, sizeof error - 1) == 0;
  reply_error(code, output.s + (begins ? sizeof error - 1 : 0));
}

static void reply(int code, bool with_data)
{
  if (code) reply_refusal(code);
  else if (with_data) reply_data(&output);
  else reply_ok();
}

/* ---- the log ---- */

static void log_line(char const *what, char const *whom, char const *how)
{
  static stralloc line = STRALLOC_ZERO;
  char const *ip = getenv("TCPREMOTEIP");
  struct { char const *before, *text; } const parts[] = {
    { "vpopmaild: ip ", ip ? ip : "unknown" }, { " user ", caller.known ? caller.user.s : "-" }, { "@", caller.known ? caller.domain.s : "-" },
    { ": ", what }, { " ", whom }, { ": ", how }
  };
  line.len = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    text_add(&line, parts[i].before);
    if (!log_text(&line, parts[i].text, strlen(parts[i].text), 320)) die_nomem();
  }
  text_addc(&line, '\n');
  buffer_put(buffer_2, line.s, line.len);
  buffer_flush(buffer_2);
}

/* ---- who it is ---- */

/* The service says who it is, root's own table whose his domain is. */
static bool owner_is_true(struct users_answer const *a)
{
  struct user owner = USER_ZERO;
  stralloc prefix = STRALLOC_ZERO;
  text_setb(&prefix, a->domain.s, a->domain.len);
  text_addc(&prefix, '-');
  enum users_result r = users_find_prefix(&owner, prefix.s, prefix.len);
  stralloc_free(&prefix);
  return r == USERS_FOUND && owner.uid == a->uid && owner.gid == a->gid;
}

static bool is_listed(void)
{
  stralloc address = STRALLOC_ZERO;
  text_set(&address, caller.user.s);
  text_addc(&address, '@');
  text_add(&address, caller.domain.s);
  bool listed = nameset_has(&admins, address.s, address.len);
  stralloc_free(&address);
  return listed;
}

static void caller_set(struct users_answer const *a)
{
  text_setb(&caller.user, a->user.s, a->user.len);
  text_setb(&caller.domain, a->domain.s, a->domain.len);
  text_z(&caller.user);
  text_z(&caller.domain);
  caller.is_system = a->flags & VFLAG_SYSTEM_ADMIN && is_listed();
  caller.is_admin = caller.is_system || a->flags & VFLAG_ADMIN || strcmp(caller.user.s, "postmaster") == 0;
  caller.known = true;
  if (!caller.is_system && !become(a->uid, a->gid)) strerr_diefusys(ERROR_TROUBLE, "become the owner of ", caller.domain.s);
}

/* ---- what is shown: in a child, whose output is the answer ---- */

static struct named named = NAMED_ZERO;       /* whom the verb is about */
static stralloc shown = STRALLOC_ZERO;

static int show_one(void *with_places)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (!named_find(&named, &record, &space)) refuse(VCODE_NO_USER);
  if (with_places) {
    text_set(&shown, "vpopmail_dir ");
    text_add(&shown, site_find()->home);
    text_add(&shown, "\ndomain_dir ");
    text_add(&shown, named.domain.dir.s);
    text_add(&shown, "\nuid ");
    text_addu(&shown, named.domain.uid);
    text_add(&shown, "\ngid ");
    text_addu(&shown, named.domain.gid);
    text_addc(&shown, '\n');
  }
  maild_show_user(&shown, &record, named.domain.real.s, caller.compact, caller.is_admin && !with_places);
  command_answer(&shown);
  return 0;
}

static int show_self(void *nothing)
{
  stralloc address = STRALLOC_ZERO;
  (void)nothing;
  text_set(&address, caller.user.s);
  text_addc(&address, '@');
  text_add(&address, caller.domain.s);
  named_read(&named, text_z(&address));
  return named_work(&named, show_one, &caller);
}

static int show_user(void *words_)
{
  char *const *words = words_;
  named_read(&named, words[0]);
  return named_work(&named, show_one, 0);
}

/* Of a long list a page: so many from the first that is wanted. */
struct page { uint32_t first, count, seen; };

static struct page page_of(char *const *words)
{
  uint32_t number = 0, count = 0;
  if (words[1]) uint320_scan(words[1], &number);
  if (words[1] && words[2]) uint320_scan(words[2], &count);
  struct page page = { .first = number ? (number - 1) * count : 0, .count = count ? count : UINT32_MAX };
  return page;
}

static bool is_on_page(struct page *page)
{
  uint32_t n = page->seen++;
  return n >= page->first && n - page->first < page->count;
}

static bool show_listed(void *page, struct vpasswd const *record)
{
  bool with_hash = caller.is_system || !(record->flags & POWERS);
  if (is_on_page(page)) maild_show_user(&shown, record, named.domain.real.s, true, with_hash);
  return true;
}

static int list_users(void *page)
{
  struct store_domain table = named_table(&named);
  enum store_result listed = store_list(&table, show_listed, page);
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  command_answer(&shown);
  return 0;
}

static int show_users(void *words_)
{
  char *const *words = words_;
  struct page page = page_of(words);
  named_read_domain(&named, words[0]);
  return named_work(&named, list_users, &page);
}

static bool count_one(void *count, struct vpasswd const *record)
{
  (void)record;
  ++*(uint32_t *)count;
  return true;
}

static int count_users(void *nothing)
{
  uint32_t count = 0;
  struct store_domain table = named_table(&named);
  (void)nothing;
  enum store_result listed = store_list(&table, count_one, &count);
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  text_add(&shown, "count ");
  text_addu(&shown, count);
  text_addc(&shown, '\n');
  command_answer(&shown);
  return 0;
}

static int show_user_count(void *words_)
{
  char *const *words = words_;
  named_read_domain(&named, words[0]);
  return named_work(&named, count_users, 0);
}

static int list_limits(void *nothing)
{
  int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct vlimits limits;
  (void)nothing;
  if (directory == -1) strerr_diefusys(ERROR_TROUBLE, "open the directory of ", named.domain.real.s);
  limits_read(&limits, directory);
  maild_limits_show(&shown, &limits);
  command_answer(&shown);
  return 0;
}

static int show_limits(void *words_)
{
  char *const *words = words_;
  limits_site_read();
  named_read_domain(&named, words[0]);
  return named_work(&named, list_limits, 0);
}

static void assign_read(stralloc *assign)
{
  if (control_slurp_path(assign, "users/assign") == -1) strerr_diefusys(ERROR_TROUBLE, "read ", "users/assign");
}

/* A line for each, "real alias" for an alias; or, without a page, only how many there are. */
static int show_domains(void *words_)
{
  char *const *words = words_;
  struct page page = words ? page_of((char *[]){ 0, words[0], words[0] ? words[1] : 0 }) : (struct page){ .count = 0 };
  stralloc assign = STRALLOC_ZERO;
  struct domain domain = DOMAIN_ZERO;
  assign_read(&assign);
  for (size_t at = 0; domain_next(&domain, &assign, &at);) {
    if (!is_on_page(&page)) continue;
    text_add(&shown, domain.real.s);
    text_addc(&shown, ' ');
    text_add(&shown, domain.name.s);
    text_addc(&shown, '\n');
  }
  if (!words) {
    text_set(&shown, "count ");
    text_addu(&shown, page.seen);
    text_addc(&shown, '\n');
  }
  command_answer(&shown);
  return 0;
}

/* On which page of list_domains its line is, of one line where nothing is said; nothing where there is none. */
static int show_found(void *words_)
{
  char *const *words = words_;
  stralloc assign = STRALLOC_ZERO;
  struct domain domain = DOMAIN_ZERO;
  uint32_t per_page = 0, n = 0;
  bool found = false;
  if (words[1]) uint320_scan(words[1], &per_page);
  assign_read(&assign);
  for (size_t at = 0; !found && domain_next(&domain, &assign, &at); n += !found) found = strcasecmp(domain.name.s, words[0]) == 0;
  if (!found) return 0;
  text_set(&shown, "page ");
  text_addu(&shown, n / (per_page ? per_page : 1) + 1);
  text_addc(&shown, '\n');
  command_answer(&shown);
  return 0;
}

static int show_domain_count(void *words)
{
  (void)words;
  return show_domains(0);
}

static int show_domain(void *words_)
{
  char *const *words = words_;
  stralloc assign = STRALLOC_ZERO;
  named_read_domain(&named, words[0]);
  assign_read(&assign);
  maild_facts_domain(&shown, &named.domain, &assign);
  command_answer(&shown);
  return 0;
}

/* Of the user, or the domain, that the words name: as its owner. */
static void (*facts)(stralloc *to, struct named const *named);

static int show_facts(void *nothing)
{
  (void)nothing;
  facts(&shown, &named);
  command_answer(&shown);
  return 0;
}

static int show_facts_of(void *words_)
{
  char *const *words = words_;
  named_read_either(&named, words[0]);
  return named_work(&named, show_facts, 0);
}

static void lists_of(stralloc *to, struct named const *of)
{
  (void)of;
  maild_facts_lists(to);
}

/* ---- logging in ---- */

_Noreturn static void send_away(void)
{
  net_flush(&net);
  _exit(1);
}

static void login_refuse(enum users_said said, char const *login)
{
  if (said == SAID_WRONG || said == SAID_DENIED) {
    log_line("login", login, "refused");
    net_pause(&net, FAILURE_DELAY);
    reply_error(ERROR_RIGHTS, "wrong user or password");
    if (++failures >= LOGINS_MAX) send_away();
  }
  else {
    log_line("login", login, "cannot tell");
    reply_error(ERROR_TROUBLE, "the password cannot be checked now");
  }
}

static struct users_heard heard;              /* of who logs in */

static bool login(enum users_verb verb, char const *name, char *secret)
{
  char const *ip = getenv("TCPREMOTEIP");
  struct users_question const q = {
    .verb = verb, .access = USERS_WEBMAIL, .name = field_of(name), .secret = field_of(secret), .client_ip = field_of(ip ? ip : "")
  };
  enum users_said said = users_ask(&heard, &q, PATIENCE_MS);
  explicit_bzero(secret, strlen(secret));
  if (said == SAID_LET_IN && !owner_is_true(&heard.answer)) said = SAID_TROUBLE;
  if (said != SAID_LET_IN) return login_refuse(said, name), false;
  caller_set(&heard.answer);
  log_line("login", "", "ok");
  return true;
}

static bool is_first_login(void)
{
  if (caller.known) reply_error(ERROR_LINE, "somebody has logged in already");
  return !caller.known;
}

static void login_with(char *const *words, bool compact, bool silent)
{
  if (!is_first_login()) return;
  caller.compact = compact;
  if (!login(USERS_PASSWORD, words[0], words[1])) return;
  if (silent) reply_ok();
  else reply(maild_run_function(&output, show_self, 0), true);
}

static void verb_login(char *const *words)
{
  login_with(words, false, false);
}

static void verb_clogin(char *const *words)
{
  login_with(words, true, false);
}

static void verb_slogin(char *const *words)
{
  login_with(words, false, true);
}

/* A web page that keeps the token need not keep the password. */
static void verb_token_login(char *const *words)
{
  if (!is_first_login() || !login(USERS_LOGIN, words[0], words[1])) return;
  text_set(&output, "token ");
  text_addb(&output, heard.answer.home.s, heard.answer.home.len);
  text_addc(&output, '\n');
  reply_data(&output);
  explicit_bzero(output.s, output.len);
}

static void verb_login_by_token(char *const *words)
{
  if (is_first_login() && login(USERS_TOKEN, "-", words[0])) reply_ok();
}

static void verb_forget_token(char *const *words)
{
  struct users_question const q = { .verb = USERS_LOGOUT, .secret = field_of(words[0]) };
  enum users_said said = users_ask(&heard, &q, PATIENCE_MS);
  if (said == SAID_LET_IN || said == SAID_WRONG) reply_ok();
  else reply_error(ERROR_TROUBLE, "the token cannot be forgotten now");
}

/* ---- verbs that are commands ---- */

static char const *verb_name, *about;         /* of the line that is being obeyed */

/* What a command is told on its standard input; null: nothing. */
static int run_command(char const *const *argv, char const *input)
{
  stralloc text = STRALLOC_ZERO;
  if (input) {
    text_set(&text, input);
    text_addc(&text, '\n');
  }
  int code = maild_run_command(&output, argv, &text);
  if (text.len) explicit_bzero(text.s, text.len);
  stralloc_free(&text);
  return code;
}

static void change_saying(char const *const *argv, char const *input, bool with_data)
{
  int code = run_command(argv, input);
  log_line(verb_name, about, code ? "failed" : "ok");
  reply(code, with_data);
}

static void change(char const *const *argv, char const *input)
{
  change_saying(argv, input, false);
}

static void verb_add_user(char *const *words)
{
  change((char const *[]){ "vadduser", "--", words[0], 0 }, words[1]);
}

static void verb_del_user(char *const *words)
{
  change((char const *[]){ "vdeluser", "--", words[0], 0 }, 0);
}

static void verb_add_domain(char *const *words)
{
  change((char const *[]){ "vadddomain", "--", words[0], 0 }, words[1]);
}

static void verb_add_alias_domain(char *const *words)
{
  change((char const *[]){ "vaddaliasdomain", "--", words[0], words[1], 0 }, 0);
}

static void verb_del_domain(char *const *words)
{
  change((char const *[]){ "vdeldomain", "--", words[0], 0 }, 0);
}

static void verb_add_ip_map(char *const *words)
{
  change((char const *[]){ "vipmap", "-a", "--", words[0], words[1], 0 }, 0);
}

static void verb_del_ip_map(char *const *words)
{
  change((char const *[]){ "vipmap", "-d", "--", words[0], words[1], 0 }, 0);
}

static void verb_del_limits(char *const *words)
{
  change((char const *[]){ "vmoddomlimits", "-D", "--", words[0], 0 }, 0);
}

/* The answer is the one place where it is ever seen. */
static void verb_add_app_password(char *const *words)
{
  char const *services = words[2] ? words[2] : "pop3,imap,smtp";
  change_saying((char const *[]){ "vapppassword", "-a", words[1], "-s", services, "--", words[0], 0 }, 0, true);
  if (output.len) explicit_bzero(output.s, output.len);
}

static void verb_del_app_password(char *const *words)
{
  change((char const *[]){ "vapppassword", "-d", words[1], "--", words[0], 0 }, 0);
}

static void verb_set_host(char *const *words)
{
  change((char const *[]){ "vmoduser", "-H", words[1] ? words[1] : "", "--", words[0], 0 }, 0);
}

static void show(char const *const *argv)
{
  reply(run_command(argv, 0), true);
}

static void verb_dom_info(char *const *words)
{
  reply(maild_run_function(&output, show_domain, (void *)(uintptr_t)words), true);
}

/* A blank where valias has an arrow. */
static void verb_list_alias(char *const *words)
{
  static char const arrow[] = " -> ";
  size_t const len = sizeof arrow - 1;
  stralloc lines = STRALLOC_ZERO;
  int code = run_command((char const *[]){ "valias", "-s", "--", words[0], 0 }, 0);
  for (size_t at = 0, n; !code && at < output.len; at += n + 1) {
    n = byte_chr(output.s + at, output.len - at, '\n');
    char const *found = memmem(output.s + at, n, arrow, len);
    size_t const before = found ? (size_t)(found - output.s) - at : n;
    text_addb(&lines, output.s + at, before);
    if (found) text_addc(&lines, ' ');
    if (found) text_addb(&lines, found + len, n - before - len);
    text_addc(&lines, '\n');
  }
  if (!code) text_setb(&output, lines.s ? lines.s : "", lines.len);
  stralloc_free(&lines);
  reply(code, true);
}

static void verb_get_limits(char *const *words)
{
  reply(maild_run_function(&output, show_limits, (void *)(uintptr_t)words), true);
}

static void verb_list_app_passwords(char *const *words)
{
  show((char const *[]){ "vapppassword", "--", words[0], 0 });
}

static void verb_show_ip_map(char *const *words)
{
  (void)words;
  show((char const *[]){ "vipmap", "-p", 0 });
}

/* Of all lines the one that begins with the address. */
static void verb_get_ip_map(char *const *words)
{
  int code = run_command((char const *[]){ "vipmap", "-p", 0 }, 0);
  size_t n, len = strlen(words[0]), at = 0;
  for (; !code && at < output.len; at += n + 1) {
    n = byte_chr(output.s + at, output.len - at, '\n');
    if (n > len && output.s[at + len] == ' ' && memcmp(output.s + at, words[0], len) == 0) break;
  }
  bool found = !code && at < output.len;
  if (found) memmove(output.s, output.s + at, n + 1);
  if (found) output.len = n + 1;
  if (!code && !found) reply_error(ERROR_NO, "that address has no domain");
  else reply(code, true);
}

static void facts_show(void (*which)(stralloc *, struct named const *), char *const *words)
{
  facts = which;
  reply(maild_run_function(&output, show_facts_of, (void *)(uintptr_t)words), true);
}

static void verb_get_lastauth(char *const *words)
{
  facts_show(maild_facts_login, words);
}

static void verb_get_size(char *const *words)
{
  facts_show(maild_facts_size, words);
}

/* ---- verbs that show ---- */

static void verb_user_info(char *const *words)
{
  reply(maild_run_function(&output, show_user, (void *)(uintptr_t)words), true);
}

static void verb_list_users(char *const *words)
{
  reply(maild_run_function(&output, show_users, (void *)(uintptr_t)words), true);
}

static void verb_user_count(char *const *words)
{
  reply(maild_run_function(&output, show_user_count, (void *)(uintptr_t)words), true);
}

static void verb_list_domains(char *const *words)
{
  reply(maild_run_function(&output, show_domains, (void *)(uintptr_t)words), true);
}

static void verb_domain_count(char *const *words)
{
  (void)words;
  reply(maild_run_function(&output, show_domain_count, 0), true);
}

static void verb_find_domain(char *const *words)
{
  reply(maild_run_function(&output, show_found, (void *)(uintptr_t)words), true);
}

static void verb_list_lists(char *const *words)
{
  facts_show(lists_of, words);
}

/* ---- mod_user: lines of what is to change ---- */

static struct {
  char quota[LINE_MAX_BYTES + 1], comment[LINE_MAX_BYTES + 1], hash[LINE_MAX_BYTES + 1], password[LINE_MAX_BYTES + 1];
  bool has_quota, has_comment, has_hash, has_password, has_flags;
  uint32_t set, dropped;
} wish;

static struct { char const *word; char *to; bool *has; bool everybody; } const wishes[] = {
  { "quota", wish.quota, &wish.has_quota, false },
  { "comment", wish.comment, &wish.has_comment, true },
  { "encrypted_password", wish.hash, &wish.has_hash, false },
  { "clear_text_password", wish.password, &wish.has_password, true }
};

/* Null, or what is wrong with the line. Limits of a domain are not its administrator's to lift. */
static char const *wish_flag(char const *word, char const *value)
{
  uint32_t const above = caller.is_system ? 0 : (uint32_t)(POWERS | VFLAG_OVERRIDE), bit = maild_show_flag(word);
  bool const clears = strcmp(word, "clear_all_flags") == 0;
  if (!bit && !clears) return "unknown option";
  if (!caller.is_admin || bit & above) return "that is not yours to change";
  wish.has_flags = true;
  if (clears) {
    wish.dropped = UINT32_MAX & ~above;
    return 0;
  }
  if (strcmp(value, "0") == 0) wish.dropped |= bit;
  else wish.set |= bit;
  return 0;
}

static char const *wish_take(char *line)
{
  char const *value = maild_line_cut(line);
  for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
    if (strcmp(wishes[i].word, line) != 0) continue;
    if (!wishes[i].everybody && !caller.is_admin) return "that is not yours to change";
    stpcpy(wishes[i].to, value);
    *wishes[i].has = true;
    return 0;
  }
  return wish_flag(line, value);
}

static bool line_read(char line[LINE_MAX_BYTES + 1])
{
  size_t len;
  bool bare;
  bool fits = net_line(&net, line, LINE_MAX_BYTES, &len, &bare) == NET_LINE && !memchr(line, 0, len);
  line[fits ? len : 0] = 0;
  return fits;
}

/* ---- set_limits: lines of what is to be ---- */

static struct maild_limits limit_wish;

static char const *limit_take(char *line)
{
  char const *value = maild_line_cut(line);
  return maild_limits_take(&limit_wish, line, value);
}

static void verb_set_limits(char *const *words)
{
  char const *argv[MAILD_LIMITS_ARGUMENTS + 4] = { "vmoddomlimits" };
  size_t n = maild_limits_arguments(argv + 1, &limit_wish);
  argv[n + 1] = "--";
  argv[n + 2] = words[0];
  if (!n) reply_ok();
  else change(argv, 0);
}

/* ---- files, of administrators of the system ---- */

static char const *below;                     /* the path of the verb's first word */
static stralloc file_text = STRALLOC_ZERO;    /* that is to be written */

static char const *text_take(char *line)
{
  text_add(&file_text, line + is_dots(line, strlen(line)));
  text_addc(&file_text, '\n');
  return 0;
}

struct file_verb { int (*does)(void *file); char *place; struct maild_file file; };

static int work_on_file(void *verb_)
{
  struct file_verb *verb = verb_;
  named_read_either(&named, verb->place);
  return named_work(&named, verb->does, &verb->file);
}

static int file_do(int (*does)(void *), char *const *words, struct field to)
{
  struct file_verb verb = { does, words[0], { .named = &named, .path = below, .to = to.s, .to_len = to.len } };
  return maild_run_function(&output, work_on_file, &verb);
}

static void file_show(int (*does)(void *), char *const *words)
{
  reply(file_do(does, words, field_of("")), true);
}

static void file_change(int (*does)(void *), char *const *words, struct field to)
{
  stralloc whole = STRALLOC_ZERO;
  int code = file_do(does, words, to);
  text_set(&whole, words[0]);
  text_addc(&whole, '/');
  text_add(&whole, below);
  log_line(verb_name, text_z(&whole), code ? "failed" : "ok");
  stralloc_free(&whole);
  reply(code, false);
}

static void verb_list_dir(char *const *words)
{
  file_show(maild_file_list, words);
}

static void verb_read_file(char *const *words)
{
  file_show(maild_file_read, words);
}

static void verb_stat_file(char *const *words)
{
  file_show(maild_file_stat, words);
}

static void verb_mk_dir(char *const *words)
{
  file_change(maild_dir_make, words, field_of(""));
}

static void verb_rm_dir(char *const *words)
{
  file_change(maild_dir_remove, words, field_of(""));
}

static void verb_rm_file(char *const *words)
{
  file_change(maild_file_remove, words, field_of(""));
}

static void verb_rename_file(char *const *words)
{
  file_change(maild_file_rename, words, field_of(words[1]));
}

static void verb_write_file(char *const *words)
{
  file_change(maild_file_write, words, (struct field){ file_text.s, file_text.len });
}

/* Who has sent the verb alone waits to be told to go on, as vpopmail's daemon does; whoever has not waited is told once. */
static void go_ahead(void)
{
  struct pollfd x = { .fd = net.in, .events = POLLIN };
  if (net.begin == net.end && poll(&x, 1, GO_AHEAD_MS) == 0) reply_ok();
}

/* All lines are read, whatever they say: the next verb comes behind them. */
static char const *wishes_read(char const *(*take)(char *line))
{
  static char line[LINE_MAX_BYTES + 1];
  char const *wrong = 0;
  explicit_bzero(&wish, sizeof wish);
  memset(&limit_wish, 0, sizeof limit_wish);
  text_set(&file_text, "");
  if (take != text_take) go_ahead();
  for (size_t all = 0;; all += strlen(line) + 1) {
    if (all > OPTIONS_MAX) send_away();
    bool fits = line_read(line);
    if (fits && strcmp(line, ".") == 0) return wrong;
    char const *slip = fits ? take(line) : "a line is too long";
    if (!wrong) wrong = slip;
  }
}

static int show_flags(void *nothing)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  (void)nothing;
  if (!named_find(&named, &record, &space)) refuse(VCODE_NO_USER);
  text_addu(&shown, record.flags);
  text_addc(&shown, '\n');
  command_answer(&shown);
  return 0;
}

static int show_flags_of(void *address)
{
  named_read(&named, address);
  return named_work(&named, show_flags, 0);
}

/* ---- what the limits of his domain forbid an administrator ---- */

static int show_perm(void *which)
{
  int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct vlimits limits;
  if (directory == -1) strerr_diefusys(ERROR_TROUBLE, "open the directory of ", named.domain.real.s);
  limits_read(&limits, directory);
  text_addu(&shown, (uint64_t)limits.value[*(enum vlimit *)which]);
  text_addc(&shown, '\n');
  command_answer(&shown);
  return 0;
}

static int show_perm_of_domain(void *which)
{
  limits_site_read();
  named_read_domain(&named, caller.domain.s);
  return named_work(&named, show_perm, which);
}

/* So is what cannot be told. */
static bool is_forbidden(enum vlimit which, uint32_t bit)
{
  uint32_t bits;
  if (caller.is_system || strcmp(caller.user.s, "postmaster") == 0) return false;
  bool told = maild_run_function(&output, show_perm_of_domain, &which) == 0 && uint32_scan(text_z(&output), &bits);
  return !told || bits & bit;
}

static int flags_find(uint32_t *flags, char *address)
{
  int code = maild_run_function(&output, show_flags_of, address);
  if (code == 0) uint32_scan(text_z(&output), flags);
  return code;
}

/* Options of vmoduser for the flags that are named: others stay, whoever changes them meanwhile. */
static void flags_add(char const **argv, size_t *n)
{
  static char given[FLAGS_MAX + 2], taken[FLAGS_MAX + 1];
  size_t gives = 0, takes = 0;
  given[gives++] = '-';
  for (struct vflag const *f = vflags; f->bit; f++) {
    if (wish.set & f->bit) given[gives++] = f->user_letter;
    else if (wish.dropped & f->bit) taken[takes++] = f->user_letter;
  }
  given[gives] = taken[takes] = 0;
  if (takes) argv[(*n)++] = "-X", argv[(*n)++] = taken;
  if (gives > 1) argv[(*n)++] = given;
}

/* A hash is in no command line. */
static int record_change(char *address)
{
  char const *argv[16] = { "vmoduser" };
  size_t n = 1;
  if (wish.has_quota) argv[n++] = "-q", argv[n++] = wish.quota;
  if (wish.has_comment) argv[n++] = "-c", argv[n++] = wish.comment;
  if (wish.has_hash) argv[n++] = "-e", argv[n++] = "-";
  if (wish.has_flags) flags_add(argv, &n);
  if (n == 1) return 0;
  argv[n++] = "--";
  argv[n++] = address;
  return run_command(argv, wish.has_hash ? wish.hash : 0);
}

static void verb_mod_user(char *const *words)
{
  uint32_t flags = 0;
  if (wish.has_quota && is_forbidden(VLIMIT_PERM_QUOTA, VLIMIT_NO_MODIFY)) {
    explicit_bzero(&wish, sizeof wish);
    reply_error(ERROR_RIGHTS, FORBIDDEN);
    return;
  }
  int code = flags_find(&flags, words[0]);
  if (code == 0) code = record_change(words[0]);
  if (code == 0 && wish.has_password) code = run_command((char const *[]){ "vpasswd", "--", words[0], 0 }, wish.password);
  explicit_bzero(&wish, sizeof wish);
  log_line(verb_name, about, code ? "failed" : "ok");
  reply(code, false);
}

/* ---- the table ---- */

enum right { STRANGER, USER, ADMIN, SYSTEM };
enum object { NOTHING, ADDRESS, DOMAIN, ADDRESS_OR_DOMAIN, PLACE };     /* PLACE: either, and a path behind a slash */

static void verb_help(char *const *words);
_Noreturn static void verb_quit(char *const *words);

/* Who may is the least of those who may: a user with himself, an administrator of a domain with all in it. Of several words the
   last takes the rest of the line. */
static struct maild_verb {
  char const *name;
  enum right right;
  enum object object;           /* the first word */
  int least, most;              /* words */
  char const *(*takes)(char *line);     /* lines of what is to change, up to a dot */
  void (*does)(char *const *words);
  char const *arguments;
} const verbs[] = {
  { "login",            STRANGER, NOTHING, 2, 2, 0, verb_login,            "address password" },
  { "clogin",           STRANGER, NOTHING, 2, 2, 0, verb_clogin,           "address password" },
  { "slogin",           STRANGER, NOTHING, 2, 2, 0, verb_slogin,           "address password" },
  { "token_login",      STRANGER, NOTHING, 2, 2, 0, verb_token_login,      "address password" },
  { "login_by_token",   STRANGER, NOTHING, 1, 1, 0, verb_login_by_token,   "token" },
  { "forget_token",     STRANGER, NOTHING, 1, 1, 0, verb_forget_token,     "token" },
  { "help",             STRANGER, NOTHING, 0, 0, 0, verb_help,             "" },
  { "quit",             STRANGER, NOTHING, 0, 0, 0, verb_quit,             "" },
  { "exit",             STRANGER, NOTHING, 0, 0, 0, verb_quit,             "" },
  { "q",                STRANGER, NOTHING, 0, 0, 0, verb_quit,             "" },
  { "user_info",        USER,     ADDRESS, 0, 1, 0, verb_user_info,        "[address]" },
  { "mod_user",         USER,     ADDRESS, 1, 1, wish_take, verb_mod_user,         "address, lines, ." },
  { "get_lastauth",     USER,     ADDRESS, 1, 1, 0, verb_get_lastauth,     "address" },
  { "get_user_size",    USER,     ADDRESS, 1, 1, 0, verb_get_size,         "address" },
  { "list_app_passwords", USER,   ADDRESS, 0, 1, 0, verb_list_app_passwords, "[address]" },
  { "add_app_password", USER,     ADDRESS, 2, 3, 0, verb_add_app_password, "address name [services]" },
  { "del_app_password", USER,     ADDRESS, 2, 2, 0, verb_del_app_password, "address name" },
  { "add_user",         ADMIN,    ADDRESS, 2, 2, 0, verb_add_user,         "address password" },
  { "del_user",         ADMIN,    ADDRESS, 1, 1, 0, verb_del_user,         "address" },
  { "list_users",       ADMIN,    DOMAIN,  1, 3, 0, verb_list_users,       "domain [page per_page]" },
  { "user_count",       ADMIN,    DOMAIN,  1, 1, 0, verb_user_count,       "domain" },
  { "get_domain_size",  ADMIN,    DOMAIN,  1, 1, 0, verb_get_size,         "domain" },
  { "dom_info",         ADMIN,    DOMAIN,  1, 1, 0, verb_dom_info,         "domain" },
  { "list_alias",       ADMIN,    ADDRESS_OR_DOMAIN, 1, 1, 0, verb_list_alias, "address | domain" },
  { "list_lists",       ADMIN,    DOMAIN,  1, 1, 0, verb_list_lists,       "domain" },
  { "get_limits",       ADMIN,    DOMAIN,  1, 1, 0, verb_get_limits,       "domain" },
  { "del_limits",       SYSTEM,   DOMAIN,  1, 1, 0, verb_del_limits,       "domain" },
  { "set_limits",       SYSTEM,   DOMAIN,  1, 1, limit_take, verb_set_limits, "domain, lines, ." },
  { "set_host",         SYSTEM,   ADDRESS, 1, 2, 0, verb_set_host,         "address [host]" },
  { "list_dir",         SYSTEM,   PLACE,   1, 1, 0, verb_list_dir,         "place[/path]" },
  { "read_file",        SYSTEM,   PLACE,   1, 1, 0, verb_read_file,        "place/path" },
  { "stat_file",        SYSTEM,   PLACE,   1, 1, 0, verb_stat_file,        "place[/path]" },
  { "write_file",       SYSTEM,   PLACE,   1, 1, text_take, verb_write_file, "place/path, lines, ." },
  { "rename_file",      SYSTEM,   PLACE,   2, 2, 0, verb_rename_file,      "place/path name" },
  { "rm_file",          SYSTEM,   PLACE,   1, 1, 0, verb_rm_file,          "place/path" },
  { "mk_dir",           SYSTEM,   PLACE,   1, 1, 0, verb_mk_dir,           "place/path" },
  { "rm_dir",           SYSTEM,   PLACE,   1, 1, 0, verb_rm_dir,           "place/path" },
  { "find_domain",      SYSTEM,   NOTHING, 1, 2, 0, verb_find_domain,      "domain [per_page]" },
  { "list_domains",     SYSTEM,   NOTHING, 0, 2, 0, verb_list_domains,     "[page per_page]" },
  { "domain_count",     SYSTEM,   NOTHING, 0, 0, 0, verb_domain_count,     "" },
  { "add_domain",       SYSTEM,   NOTHING, 2, 2, 0, verb_add_domain,       "domain password" },
  { "add_alias_domain", SYSTEM,   NOTHING, 2, 2, 0, verb_add_alias_domain, "domain alias" },
  { "del_domain",       SYSTEM,   NOTHING, 1, 1, 0, verb_del_domain,       "domain" },
  { "show_ip_map",      SYSTEM,   NOTHING, 0, 0, 0, verb_show_ip_map,      "" },
  { "get_ip_map",       SYSTEM,   NOTHING, 1, 1, 0, verb_get_ip_map,       "ip" },
  { "add_ip_map",       SYSTEM,   NOTHING, 2, 2, 0, verb_add_ip_map,       "ip domain" },
  { "del_ip_map",       SYSTEM,   NOTHING, 2, 2, 0, verb_del_ip_map,       "ip domain" }
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void verb_help(char *const *words)
{
  (void)words;
  output.len = 0;
  for (int i = 0; i < VERBS; i++) {
    text_add(&output, verbs[i].name);
    text_add(&output, *verbs[i].arguments ? " " : "");
    text_add(&output, verbs[i].arguments);
    text_addc(&output, '\n');
  }
  reply_data(&output);
}

_Noreturn static void verb_quit(char *const *words)
{
  (void)words;
  reply_ok();
  net_flush(&net);
  _exit(0);
}

/* ---- who may ---- */

static void path_cut(char *word)
{
  char *slash = strchr(word, '/');
  below = slash ? slash + 1 : "";
  if (slash) *slash = 0;
}

/* The first word, by the real name of its domain, which is the caller's where none is said: what is judged is what is done.
   False: there is no such domain, or no such name. */
static bool object_find(stralloc *address, stralloc *user, enum object object, char const *word)
{
  static stralloc domain = STRALLOC_ZERO;
  static struct domain found = DOMAIN_ZERO;
  user->len = 0;
  bool is_domain = object == DOMAIN || (object >= ADDRESS_OR_DOMAIN && !strpbrk(word, "@%/"));
  if (is_domain) text_set(&domain, word);
  else if (!vname_split(user, &domain, word, strlen(word))) die_nomem();
  case_lowerb(domain.s, domain.len);
  if (!domain.len) text_setb(&domain, caller.domain.s, caller.domain.len);
  if (vname_domain(domain.s, domain.len) != VCODE_OK || (!is_domain && vname_user(user->s, user->len) != VCODE_OK)) return false;
  if (!domain_find(&found, domain.s, domain.len)) return false;
  text_setb(address, user->s, user->len);
  if (!is_domain) text_addc(address, '@');
  text_add(address, found.real.s);
  text_z(address);
  text_z(user);
  return caller.is_system || strcmp(found.real.s, caller.domain.s) == 0;
}

/* Who has more than his domain is nobody's to change there. */
static bool is_above(char *address)
{
  uint32_t flags = 0;
  return flags_find(&flags, address) == 0 && flags & POWERS;
}

/* What the limits of the domain forbid all its administrators but postmaster. */
static struct { char const *verb; uint32_t bit; } const perms[] = {
  { "add_user", VLIMIT_NO_CREATE }, { "mod_user", VLIMIT_NO_MODIFY }, { "add_app_password", VLIMIT_NO_MODIFY },
  { "del_app_password", VLIMIT_NO_MODIFY }, { "del_user", VLIMIT_NO_DELETE }
};

static bool is_account_forbidden(char const *verb)
{
  for (size_t i = 0; i < sizeof perms / sizeof *perms; i++)
    if (strcmp(perms[i].verb, verb) == 0) return is_forbidden(VLIMIT_PERM_ACCOUNT, perms[i].bit);
  return false;
}

/* Null: he may. */
static char const *judge(struct maild_verb const *v, char **words)
{
  static stralloc address = STRALLOC_ZERO, user = STRALLOC_ZERO;
  if (v->right == STRANGER) return 0;
  if (!caller.known) return "login first";
  if (v->right == SYSTEM && !caller.is_system) return "that is for administrators of the system";
  if (v->object == NOTHING) return 0;
  if (!words[0]) words[0] = caller.user.s;
  if (v->object == PLACE) path_cut(words[0]);
  if (!object_find(&address, &user, v->object, words[0])) return "no such user or domain, or not yours";
  words[0] = address.s;
  bool is_self = user.len && strcmp(user.s, caller.user.s) == 0 && !caller.is_system;
  if (is_self && v->right == USER) return 0;
  if (!caller.is_admin) return "that is for administrators of the domain";
  if (!caller.is_system && user.len && is_above(words[0])) return "no such user or domain, or not yours";
  return is_account_forbidden(v->name) ? FORBIDDEN : 0;
}

/* ---- a line ---- */

static struct maild_verb const *verb_of(char const *name)
{
  for (int i = 0; i < VERBS; i++)
    if (strcmp(verbs[i].name, name) == 0) return verbs + i;
  return 0;
}

static void obey(char *line)
{
  char *words[WORDS_MAX + 1] = { 0 };
  char *rest = maild_line_cut(line);
  struct maild_verb const *v = verb_of(line);
  char const *wrong = v ? 0 : "that is no verb, or not one of this host";
  if (v && maild_line_words(words, rest, v->most) < v->least) wrong = "a word is missing";
  if (v && v->takes) {
    char const *slip = wishes_read(v->takes);
    if (!wrong) wrong = slip;
  }
  if (wrong) {
    reply_error(ERROR_LINE, wrong);
    return;
  }
  wrong = judge(v, words);
  verb_name = v->name;
  about = words[0] ? words[0] : "";
  if (wrong) reply_error(ERROR_RIGHTS, wrong);
  else v->does(words);
}

_Noreturn static void client_lost(struct net *n, enum net_loss why)
{
  (void)n;
  _exit(why == NET_TIMEOUT || why == NET_SESSION_OVER);
}

int main(void)
{
  static char line[LINE_MAX_BYTES + 1];
  PROG = "vpopmaild";
  sig_altignore(SIGPIPE);
  unsetenv("VPOPMAIL_EXIT");
  unsetenv("VPOPMAIL_DOMAIN");
  enter_home();
  control_load_or_die(controls);
  net_init(&net, 0, 1, TIMEOUT, SESSION, client_lost);
  net_puts(&net, "+OK vpopmaild\r\n");
  for (;;) {
    if (line_read(line)) obey(line);
    else reply_error(ERROR_LINE, "the line is too long");
  }
}
