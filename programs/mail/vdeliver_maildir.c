#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "control.h"
#include "date.h"
#include "home.h"
#include "maildir.h"
#include "maildirsize.h"
#include "store_choice.h"
#include "tree.h"
#include "user_home.h"
#include "users_ask.h"
#include "vdeliver_internal.h"

enum {
  WARN_PERCENT = 90,
  WARN_SECONDS = 86400,
  DAY = 86400,
  ASK_MS = 20000
};

/* ---- a home that is not there ---- */

static char const *below_domain(struct vdeliver const *v)
{
  size_t len = strlen(v->task.domain_dir);
  bool is_below = !strncmp(v->home.s, v->task.domain_dir, len) && v->home.s[len] == '/';
  return is_below ? v->home.s + len + 1 : 0;
}

/* Directories between the domain's and his are the domain's affair; elsewhere, one that is missing may be a file system that is
   not mounted. */
static int open_parent(char const *path, char const *name, bool below)
{
  char parent[4096];
  size_t len = (size_t)(name - path);
  errno = ENAMETOOLONG;
  if (len >= sizeof parent) return -1;
  memcpy(parent, path, len);
  parent[len] = 0;
  if (!below) return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int domain = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = domain == -1 ? -1 : tree_enter_path(domain, parent, 0750);
  if (domain != -1) fd_close(domain);
  return fd;
}

static bool make_home(struct vdeliver *v)
{
  char const *path = below_domain(v);
  bool below = path;
  if (!below) path = v->home.s;
  char const *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  int parent = open_parent(path, name, below);
  bool made = parent != -1 && user_home_complete(parent, name);
  int e = errno;
  if (parent != -1) fd_close(parent);
  errno = e;
  return made || vdeliver_trouble(v, "make ", v->home.s);
}

/* What else stands in the record may have been changed since it was looked up, and stays. */
static enum store_result tell_record(struct vdeliver *v, struct store_domain const *domain)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result r = store_find(domain, &record, &space, v->box.record.name);
  if (r == STORE_DONE && !record.dir.len) {
    record.dir = (struct field){ v->home.s, v->home.len };
    r = store_alter(domain, (struct store_edit){ .record = record, .fields = STORE_DIR });
  }
  stralloc_free(&space);
  return r;
}

static bool settle_record(struct vdeliver *v)
{
  struct store_domain domain = { v->task.domain, open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), store_of(v->task.domain), STORE_AS_IT_IS };
  enum store_result r = domain.directory == -1 ? STORE_TROUBLE : tell_record(v, &domain);
  if (domain.directory != -1) fd_close(domain.directory);
  v->is_homeless = r != STORE_DONE;
  return !v->is_homeless || vdeliver_trouble(v, "write down the home of ", v->address.s);
}

/* Who was there lately, and has no home, may have been removed. */
bool vdeliver_home(struct vdeliver *v)
{
  if (v->box.is_old) return vdeliver_end(v, VDELIVER_LATER, "The home of ", v->address.s, " is not there, and nobody can tell now whether he is. (#4.3.0)", (char *)0);
  return make_home(v) && (!v->is_homeless || settle_record(v));
}

/* ---- a mailbox that is nearly full ---- */

/* Once in a while, whether there is a text or not. */
static bool is_time_to_warn(int dir)
{
  struct stat st;
  if (fstatat(dir, "quotawarn", &st, AT_SYMLINK_NOFOLLOW) == 0 && time(0) - st.st_mtime < WARN_SECONDS) return false;
  int fd = openat(dir, "quotawarn", O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  bool touched = fd != -1 && futimens(fd, 0) == 0;
  if (fd != -1) fd_close(fd);
  return touched;
}

static void count_warning(int dir, size_t head_len, int text)
{
  struct maildirsize m;
  struct stat st;
  if (fstat(text, &st) == -1) return;
  maildirsize_find(&m, dir);
  maildirsize_add(&m, (int64_t)head_len + st.st_size, 1);
  maildirsize_close(&m);
}

static void put_warning(struct vdeliver const *v, char const *path, int dir, int text)
{
  stralloc head = STRALLOC_ZERO;
  bool made = vdeliver_join(&head, "Delivered-To: ", v->address.s, "\nDate: ", (char *)0) && date_header(&head, time(0))
           && bytes_addc(&head, '\n');
  struct maildir_delivery const warning = { .dir = path, .head = head.s, .head_len = head.len, .message_fd = text };
  if (made && maildir_deliver(&warning) == MAILDIR_OK) count_warning(dir, head.len, text);
  stralloc_free(&head);
}

/* What goes wrong with it is no trouble of the message. */
static void warn_user(struct vdeliver const *v, char const *path)
{
  int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir == -1) return;
  int text = is_time_to_warn(dir) ? vdeliver_text_open(v, ".quotawarn.msg") : -1;
  if (text != -1) {
    put_warning(v, path, dir, text);
    fd_close(text);
  }
  fd_close(dir);
}

/* ---- a full one ---- */

/* When our queue took it: the queue puts its line in front of all others. */
static bool birth_of_message(time_t *birth)
{
  static char const begins[] = "Received: (qmail ", ends[] = "); ";
  char line[512];
  ssize_t r = pread(0, line, sizeof line, 0);
  if (r <= (ssize_t)sizeof begins || memcmp(line, begins, sizeof begins - 1) != 0) return false;
  char const *newline = memchr(line, '\n', (size_t)r);
  char const *end = newline ? memmem(line, (size_t)(newline - line), ends, sizeof ends - 1) : 0;
  if (!end) return false;
  end += sizeof ends - 1;
  return date_header_scan(birth, end, (size_t)(newline - end));
}

/* How old it is cannot be known of what came without a queue: that waits, and whoever sent it decides. */
static bool waited_long_enough(uint32_t days)
{
  time_t birth;
  return !days || (birth_of_message(&birth) && time(0) - birth >= (time_t)days * DAY);
}

static bool end_full(struct vdeliver *v)
{
  struct vrules rules = VRULES_ZERO;
  if (!vdeliver_rules(&rules, v)) return false;
  bool final = !v->box.is_old && waited_long_enough(rules.overquota);
  enum vdeliver_code code = final ? VDELIVER_BOUNCE : VDELIVER_LATER;
  v->text.len = 0;
  if (!vdeliver_text(v, &v->text, ".over-quota.msg", VDELIVER_REPORT_MAX) || !bytes_z(&v->text))
    return vdeliver_end(v, code, "user is over quota ", final ? "(#5.2.2)" : "(#4.2.2)", (char *)0);
  return vdeliver_decide(v, code);
}

/* ---- a full domain ---- */

/* The user's own, or a folder in it. */
static bool is_own(struct vdeliver const *v, char const *path)
{
  static char const maildir[] = "/Maildir/";
  return v->is_users && !strncmp(path, v->home.s, v->home.len) && !strncmp(path + v->home.len, maildir, sizeof maildir - 1);
}

/* Read once in the life of a process. An agent's is short. */
static bool domains_count(void)
{
  static enum { UNREAD, NO, YES } state = UNREAD;
  stralloc text = STRALLOC_ZERO;
  if (state == UNREAD) state = control_slurp_path(&text, HOME "/control/domainquotas") == 1 && text.len && text.s[0] != '0' ? YES : NO;
  stralloc_free(&text);
  return state == YES;
}

/* The service's sockets are named from HOME. */
static enum users_said ask_service(struct vdeliver const *v)
{
  static struct users_heard heard;
  struct users_question const q = { .verb = USERS_WHO, .name = { v->address.s, strlen(v->address.s) } };
  int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (here == -1) return SAID_TROUBLE;
  enum users_said said = chdir(HOME) == 0 ? users_ask(&heard, &q, ASK_MS) : SAID_TROUBLE;
  if (fchdir(here) == -1) said = SAID_TROUBLE;
  fd_close(here);
  return said;
}

/* How full all mailboxes of the domain are together the service knows, who has counted them not long ago. */
static bool refuse_full_domain(struct vdeliver *v, char const *path)
{
  if (!is_own(v, path) || !domains_count()) return true;
  switch (ask_service(v)) {
    case SAID_FULL: case SAID_FULL_NOW: return end_full(v);
    case SAID_TROUBLE: return vdeliver_end(v, VDELIVER_LATER, "qmail-users cannot tell now whether there is room. (#4.3.0)", (char *)0);
    default: return true;
  }
}

/* ---- delivering ---- */

static char const *const reports[] = {
  [MAILDIR_NO_DIRECTORY] = "Unable to chdir to maildir. (#4.2.1)",
  [MAILDIR_CANNOT_READ] = "Unable to read message. (#4.3.0)",
  [MAILDIR_TROUBLE] = "Temporary error on maildir delivery. (#4.3.0)"
};

static bool make_head(struct vdeliver const *v, stralloc *head)
{
  char const *line = v->task.return_path;
  size_t len = line ? strcspn(line, "\n") : 0;
  head->len = 0;
  return (!len || (bytes_addb(head, line, len) && bytes_addc(head, '\n')))
      && bytes_add(head, "Delivered-To: ") && bytes_addx(head, &v->address) && bytes_addc(head, '\n');
}

/* Of a Maildir that is not his own only its ledger knows a quota. */
static enum maildir_result put(struct vdeliver *v, char const *path, stralloc const *head, uint64_t *percent)
{
  struct maildir_delivery const wanted = { .dir = path, .head = head->s, .head_len = head->len, .patience_us = v->patience_us };
  return maildir_deliver_within(&wanted, is_own(v, path) ? &v->quota : 0, percent);
}

static bool is_missing(struct vdeliver const *v, char const *path, enum maildir_result r)
{
  return r == MAILDIR_NO_DIRECTORY && errno == ENOENT && is_own(v, path);
}

bool vdeliver_maildir(struct vdeliver *v, char const *path)
{
  static stralloc own = STRALLOC_ZERO, head = STRALLOC_ZERO;
  uint64_t percent;
  if (!make_head(v, &head) || !vdeliver_join(&own, v->home.s, "/Maildir/", (char *)0)) return vdeliver_no_memory(v);
  if (!path) path = own.s;
  if (!refuse_full_domain(v, path)) return false;
  enum maildir_result r = put(v, path, &head, &percent);
  if (is_missing(v, path, r)) {
    if (!vdeliver_home(v)) return false;
    r = put(v, path, &head, &percent);
  }
  v->patience_us = 0;
  if (percent >= WARN_PERCENT && (r == MAILDIR_OK || r == MAILDIR_OVER_QUOTA)) warn_user(v, path);
  if (r == MAILDIR_OVER_QUOTA) return end_full(v);
  return r == MAILDIR_OK || vdeliver_end(v, VDELIVER_LATER, reports[r], (char *)0);
}
