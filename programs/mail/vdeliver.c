#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dir_file.h"
#include "dotqmail.h"
#include "loop.h"
#include "queue_client.h"
#include "resend.h"
#include "shell.h"
#include "store_choice.h"
#include "vdeliver_internal.h"
#include "vdotqmail.h"
#include "vflags.h"
#include "vname.h"

#define DELIVERED "Delivered-To: "

/* ---- the address ---- */

/* No account has a dot in its name. */
char const *vdeliver_domain(char const *user, char const *host)
{
  return user && strchr(user, '.') ? user : host;
}

static bool take_address(struct vdeliver *v)
{
  struct vdeliver_task const *t = &v->task;
  if (!vdeliver_join(&v->name, t->ext, (char *)0) || !vdeliver_join(&v->address, t->ext, "@", t->host, (char *)0))
    return vdeliver_no_memory(v);
  case_lowerb(v->name.s, v->name.len);
  case_lowerb(v->address.s, v->address.len);
  enum vcode user = vname_user(v->name.s, v->name.len);
  if ((user == VCODE_OK || user == VCODE_USER_TOO_LONG) && vname_domain(t->host, strlen(t->host)) == VCODE_OK) return true;
  return vdeliver_end(v, VDELIVER_BOUNCE, "vdelivermail: invalid character in the address. (#5.1.3)", (char *)0);
}

/* A message that is nothing is dropped. */
static bool refuse_nothing(struct vdeliver *v)
{
  struct stat st;
  if (fstat(0, &st) == -1) return vdeliver_trouble(v, "read ", "the message");
  return st.st_size || !S_ISREG(st.st_mode) || vdeliver_end(v, VDELIVER_DONE, (char *)0);
}

static bool is_same_line(char const *line, stralloc const *wanted)
{
  return line && !strncasecmp(line, wanted->s, wanted->len - 1) && (!line[wanted->len - 1] || line[wanted->len - 1] == '\n');
}

/* Whether the message has been to this address: its header says so, or the line that it is about to get. */
static bool refuse_loop(struct vdeliver *v, char const *address)
{
  static stralloc line = STRALLOC_ZERO;
  struct loop_scan scan;
  if (!vdeliver_join(&line, DELIVERED, address, "\n", (char *)0)) return vdeliver_no_memory(v);
  loop_scan_begin(&scan, line.s, line.len);
  scan.any_case = true;
  int found = is_same_line(v->task.delivered_to, &line) ? 1 : loop_scan_file(&scan, 0);
  if (found == -1) return vdeliver_trouble(v, "read ", "the message");
  if (!found) return true;
  return vdeliver_end(v, VDELIVER_BOUNCE, "mail is looping: it has been to ", address, " already. (#5.4.6)", (char *)0);
}

/* ---- the user ---- */

static bool find_user(struct vdeliver *v)
{
  struct store_domain const domain = { v->task.domain, AT_FDCWD, store_of(v->task.domain), STORE_AS_IT_IS };
  struct vmailbox_rules rules = { vdeliver_rules, v };
  enum store_result found = vmailbox_find(&v->box, &domain, &rules, v->name.s);
  v->is_users = found == STORE_DONE;
  if (found != STORE_TROUBLE || v->is_decided) return !v->is_decided;
  return vdeliver_trouble(v, "look up the user in ", v->task.domain_dir);
}

static bool refuse_locked(struct vdeliver *v)
{
  if (!(v->box.record.flags & VFLAG_BOUNCE_MAIL)) return true;
  if (v->box.is_old) return vdeliver_end(v, VDELIVER_LATER, v->address.s, " was locked, and nobody can tell now whether he is. (#4.3.0)", (char *)0);
  return vdeliver_end(v, VDELIVER_BOUNCE, "vdelivermail: account is locked email bounced ", v->address.s, (char *)0);
}

static int end_home(stralloc *home)
{
  while (home->len > 1 && home->s[home->len - 1] == '/') home->len--;
  return bytes_z(home);
}

/* Nobody wrote down where he lives: under his name, then, in the domain's directory. */
static bool take_home(struct vdeliver *v)
{
  struct field dir = v->box.record.dir, name = v->box.record.name;
  v->is_homeless = !dir.len;
  bool taken = v->is_homeless
    ? bytes_set(&v->home, v->task.domain_dir) && bytes_addc(&v->home, '/') && bytes_addb(&v->home, name.s, name.len)
    : bytes_setb(&v->home, dir.s, dir.len);
  if (!taken || !end_home(&v->home)) return vdeliver_no_memory(v);
  quota_parse(&v->quota, v->box.record.quota.s, v->box.record.quota.len);
  if (v->home.s[0] == '/') return true;
  return vdeliver_end(v, VDELIVER_LATER, "The home of ", v->address.s, " is no absolute path. (#4.3.0)", (char *)0);
}

/* ---- the .qmail file ---- */

/* 1, 0 when it is not there, -1 when that is decided. */
static int read_qmail(struct vdeliver *v, char const *name)
{
  static stralloc path = STRALLOC_ZERO;
  struct stat st;
  if (!vdeliver_join(&path, v->home.s, "/", name, (char *)0)) return vdeliver_no_memory(v), -1;
  int fd = open(path.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT || errno == ENOTDIR ? 0 : (vdeliver_trouble(v, "open ", path.s), -1);
  bool known = fstat(fd, &st) == 0;
  bool is_file = known && S_ISREG(st.st_mode), is_open = is_file && st.st_mode & S_IWOTH;
  bool done = known && (!is_file || is_open || dir_file_read_fd(&v->instructions, fd, VDELIVER_QMAIL_MAX));
  if (!done) vdeliver_trouble(v, "read ", path.s);
  if (is_open) vdeliver_end(v, VDELIVER_LATER, "Uh-oh: ", path.s, " is writable. (#4.7.0)", (char *)0);
  fd_close(fd);
  return v->is_decided ? -1 : is_file;
}

static int read_extension_qmail(struct vdeliver *v)
{
  struct dotqmail_search search = { .dash = "-", .ext = v->box.extension, .name = STRALLOC_ZERO };
  int found = 0, next = 0;
  while (!found && (next = dotqmail_next(&search)) == 1) found = read_qmail(v, search.name.s);
  stralloc_free(&search.name);
  if (next != -1) return found;
  return vdeliver_no_memory(v), -1;
}

static bool has_only_short_ones(struct vdeliver const *v)
{
  struct instruction in;
  size_t at = 0;
  while (vdotqmail_next(&in, v->instructions.s, v->instructions.len, &at))
    if (in.kind != INSTRUCTION_MAILDIR) return false;
  return true;
}

static bool judge_qmail(struct vdeliver *v)
{
  struct vdotqmail_verdict verdict = vdotqmail_judge(v->instructions.s, v->instructions.len);
  v->is_short = has_only_short_ones(v);
  if (verdict.fault) return vdeliver_slip(v, ".qmail", verdict.line, verdict.fault);
  bool deletes = !verdict.instructions && vdotqmail_deletes(v->instructions.s, v->instructions.len);
  return !deletes || vdeliver_end(v, VDELIVER_DONE, (char *)0);
}

static bool read_instructions(struct vdeliver *v)
{
  int found = v->box.extension && v->is_users ? read_extension_qmail(v) : 0;
  if (!found) found = read_qmail(v, ".qmail");
  return found != -1 && judge_qmail(v);
}

/* ---- nobody ---- */

static bool bounce(struct vdeliver *v)
{
  v->text.len = 0;
  if (vdeliver_text(v, &v->text, ".no-user.msg", VDELIVER_REPORT_MAX) && bytes_z(&v->text)) return vdeliver_decide(v, VDELIVER_BOUNCE);
  return vdeliver_end(v, VDELIVER_BOUNCE, "Sorry, no mailbox here by that name. (#5.1.1)", (char *)0);
}

static bool drop(struct vdeliver *v)
{
  return vdeliver_end(v, VDELIVER_DONE, (char *)0);
}

static bool lodge(struct vdeliver *v)
{
  struct field to = v->task.line->target;
  if (!bytes_setb(&v->home, to.s, to.len) || !end_home(&v->home)) return vdeliver_no_memory(v);
  return vdeliver_join(&v->text, "user does not exist, but will deliver to ", v->home.s, "/", (char *)0)
    ? read_instructions(v) : vdeliver_no_memory(v);
}

static bool add_forward(struct vdeliver *v, char const *address)
{
  if (!refuse_loop(v, address)) return false;
  v->is_short = false;
  return bytes_addb(&v->forwards, address, strlen(address) + 1) || vdeliver_no_memory(v);
}

static bool forward(struct vdeliver *v)
{
  static stralloc address = STRALLOC_ZERO;
  struct field to = v->task.line->target;
  bool same = v->task.line->action == VDELIVERMAIL_FORWARD_SAME;
  if (!vdeliver_join(&address, same ? v->task.ext : "", same ? "@" : "", (char *)0) || !bytes_addb(&address, to.s, to.len)
      || !bytes_z(&address)) return vdeliver_no_memory(v);
  return add_forward(v, address.s);
}

static bool (*const actions[])(struct vdeliver *) = {
  [VDELIVERMAIL_BOUNCE] = bounce,
  [VDELIVERMAIL_DELETE] = drop,
  [VDELIVERMAIL_DIRECTORY] = lodge,
  [VDELIVERMAIL_FORWARD] = forward,
  [VDELIVERMAIL_FORWARD_SAME] = forward
};

void vdeliver_begin(struct vdeliver *v, struct vdeliver_task const *task)
{
  v->task = *task;
  v->is_decided = v->is_users = v->is_homeless = v->is_filtered = v->deletes_spam = false;
  v->maildrop = 0;
  v->unfiltered = -1;
  v->is_short = true;
  v->text.len = v->instructions.len = v->forwards.len = 0;
  v->patience_us = 0;
  v->quota = (struct quota){ 0, 0 };
  if (!bytes_z(&v->text)) {
    vdeliver_decide(v, VDELIVER_LATER);
    return;
  }
  if (!take_address(v) || !refuse_nothing(v) || !refuse_loop(v, v->address.s) || !find_user(v)) return;
  if (!v->is_users) actions[task->line->action](v);
  else if (refuse_locked(v) && take_home(v) && read_instructions(v)) vdeliver_hooks_find(v);
}

/* ---- doing it ---- */

/* Behind "./", which is there for the eye. */
static struct field path_of(struct instruction const *in)
{
  struct field path = { in->text, in->len };
  while (path.len > 2 && path.s[0] == '.' && path.s[1] == '/') path.s += 2, path.len -= 2;
  return path;
}

/* A string of its own, good until the next call; of a path that is below his home, the whole one. */
static char const *text_of(struct vdeliver const *v, struct instruction const *in)
{
  static stralloc text = STRALLOC_ZERO;
  bool below = in->kind == INSTRUCTION_MAILDIR && in->text[0] != '/';
  struct field const rest = below ? path_of(in) : (struct field){ in->text, in->len };
  bool done = vdeliver_join(&text, below ? v->home.s : "", below ? "/" : "", (char *)0)
           && bytes_addb(&text, rest.s, rest.len) && bytes_z(&text);
  return done ? text.s : 0;
}

static bool do_maildir(struct vdeliver *v, char const *path)
{
  return vdeliver_maildir(v, path);
}

static bool obey_program(struct vdeliver *v, enum shell_verdict verdict)
{
  switch (verdict) {
    case SHELL_DONE: return true;
    case SHELL_ENOUGH: return vdeliver_end(v, VDELIVER_ENOUGH, (char *)0);
    case SHELL_REFUSED: return vdeliver_end(v, VDELIVER_BOUNCE, (char *)0);
    case SHELL_LATER: return vdeliver_end(v, VDELIVER_LATER, (char *)0);
    case SHELL_CRASHED: return vdeliver_end(v, VDELIVER_LATER, "Aack, child crashed. (#4.3.0)", (char *)0);
    default: return vdeliver_trouble(v, "start ", "a program");
  }
}

static bool do_program(struct vdeliver *v, char const *command)
{
  stralloc environment = STRALLOC_ZERO;
  bool made = v->task.environment(&environment);
  bool done = made ? obey_program(v, shell_run(&(struct shell_command){ command, v->home.s, &environment, v->task.prepare }))
                   : vdeliver_no_memory(v);
  stralloc_free(&environment);
  return done;
}

static bool (*const deeds[])(struct vdeliver *, char const *text) = {
  [INSTRUCTION_PROGRAM] = do_program,
  [INSTRUCTION_MAILDIR] = do_maildir,
  [INSTRUCTION_FORWARD] = add_forward
};

static bool follow(struct vdeliver *v)
{
  struct instruction in;
  size_t at = 0, n = 0;
  for (; vdotqmail_next(&in, v->instructions.s, v->instructions.len, &at); n++) {
    char const *text = text_of(v, &in);
    if (!text) return vdeliver_no_memory(v);
    if (!deeds[in.kind](v, text)) return false;
  }
  if (n || v->forwards.len) return true;
  return v->maildrop ? do_program(v, v->maildrop) : vdeliver_maildir(v, 0);
}

/* That of the delivery into the domain, without the domain in front of the user. */
static int forward_head(struct vdeliver const *v, stralloc *to)
{
  char const *line = v->task.delivered_to;
  size_t const len = strlen(v->task.host), prefix = sizeof DELIVERED - 1;
  if (!line || strncasecmp(line, DELIVERED, prefix) != 0) return vdeliver_join(to, DELIVERED, v->address.s, "\n", (char *)0);
  line += prefix;
  if (!strncasecmp(line, v->task.host, len) && line[len] == '-') line += len + 1;
  return bytes_set(to, DELIVERED) && bytes_addb(to, line, str_chr(line, '\n')) && bytes_addc(to, '\n') && bytes_z(to);
}

static bool send_forwards(struct vdeliver *v)
{
  static stralloc head = STRALLOC_ZERO;
  unsigned long qp;
  char const *verdict = "";
  if (!v->forwards.len) return true;
  if (!forward_head(v, &head)) return vdeliver_no_memory(v);
  if (v->task.prepare) v->task.prepare();
  struct resend const wanted = {
    .message_fd = 0, .head = head.s, .head_len = head.len, .sender = v->task.sender, .addresses = &v->forwards,
    .extras = v->task.extras, .which = RESEND_SOME
  };
  switch (resend(&wanted, &qp, &verdict)) {
    case RESEND_DONE: return true;
    case RESEND_NOT_STARTED: return vdeliver_trouble(v, "start ", "the queue program");
    default: return vdeliver_end(v, queue_client_end(verdict) == 100 ? VDELIVER_BOUNCE : VDELIVER_LATER,
                                 "Unable to forward message: ", verdict + 1, ".", (char *)0);
  }
}

/* What a program says that wants no more lines counts when the forwards before it are sent. */
static void follow_all(struct vdeliver *v)
{
  bool done = follow(v);
  if (!done && v->code != VDELIVER_ENOUGH) return;
  if (send_forwards(v) && done) vdeliver_decide(v, VDELIVER_DONE);
}

void vdeliver_finish(struct vdeliver *v)
{
  if (v->is_decided) return;
  if (v->is_homeless && !vdeliver_home(v)) return;
  if (vdeliver_filter(v)) follow_all(v);
  vdeliver_unfilter(v);
}
