#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "bytes.h"
#include "child.h"
#include "control.h"
#include "dir_file.h"
#include "home.h"
#include "spam_mark.h"
#include "vdeliver_internal.h"
#include "vflags.h"
#include "vlimits.h"

enum {
  FILTER_SECONDS = 45,
  LIMITS_BYTES = 65536          /* of a file of limits */
};

/* ---- whether there are any ---- */

static struct hook {
  char const *path;
  enum { UNREAD, NONE, THERE } state;
  stralloc line;
} filter = { HOME "/control/spamfilter", UNREAD, STRALLOC_ZERO }, maildrop = { HOME "/control/maildrop", UNREAD, STRALLOC_ZERO };

/* Read once in the life of a process, and an agent's is short; what could not be read is tried again. False with errno. */
static bool read_hook(struct hook *h)
{
  if (h->state != UNREAD) return true;
  h->line.len = 0;
  int r = control_slurp_path(&h->line, h->path);
  char const *newline = r == 1 && h->line.len ? memchr(h->line.s, '\n', h->line.len) : 0;
  if (newline) h->line.len = (size_t)(newline - h->line.s);
  if (r == -1 || (r == 1 && !bytes_z(&h->line))) return false;
  h->state = r == 1 && h->line.len ? THERE : NONE;
  return true;
}

static char const *line_of(struct hook const *h)
{
  return h->state == THERE ? h->line.s : 0;
}

/* ---- what the user, and his domain, want of them ---- */

/* The file is closed. One that is not there, or makes no sense, sets nothing. */
static void take_limits(struct vlimits *limits, int fd)
{
  struct vlimits more;
  struct vlimits_slip slip;
  stralloc text = STRALLOC_ZERO;
  vlimits_nothing(&more);
  if (fd == -1) return;
  if (dir_file_read_fd(&text, fd, LIMITS_BYTES) && vlimits_parse(&more, &slip, text.s, text.len)) vlimits_merge(limits, &more);
  fd_close(fd);
  stralloc_free(&text);
}

static uint32_t flags_of(struct vdeliver const *v)
{
  struct vlimits limits;
  vlimits_nothing(&limits);
  take_limits(&limits, vdeliver_open_of_site(v, "/etc/", "vlimits.default"));
  take_limits(&limits, open(".qmailadmin-limits", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return vflags_effective(v->box.record.flags, limits.flags);
}

/* No mail waits for a filter, so one that cannot be read is none; but what is to take the mail in place of the Maildir must be
   known before anything is delivered. */
void vdeliver_hooks_find(struct vdeliver *v)
{
  read_hook(&filter);
  bool known = read_hook(&maildrop), any = !known || line_of(&filter) || line_of(&maildrop);
  int why = errno;
  uint32_t flags = any ? flags_of(v) : 0;
  bool is_dropped = !(flags & VFLAG_NO_MAILDROP) && !v->instructions.len;
  if (is_dropped && !known) {
    errno = why;
    vdeliver_trouble(v, "read ", maildrop.path);
    return;
  }
  v->is_filtered = line_of(&filter) && !(flags & VFLAG_NO_SPAMASSASSIN);
  v->deletes_spam = flags & VFLAG_DELETE_SPAM;
  v->maildrop = is_dropped ? line_of(&maildrop) : 0;
  if (v->is_filtered || v->maildrop) v->is_short = false;
}

/* ---- the filter ---- */

static int file_make(void)
{
  int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return fd == -1 ? open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : fd;
}

static _Noreturn void be_filter(struct vdeliver const *v, char **words, int out)
{
  setpgid(0, 0);
  signal(SIGPIPE, SIG_DFL);
  if (v->task.prepare) v->task.prepare();
  if (dup2(out, 1) != -1) execvp(words[0], words);
  _exit(111);
}

/* The address is the last word. Null, or what became of it. */
static char const *run(struct vdeliver const *v, int out)
{
  char *words[SPAM_WORDS_MAX + 2];
  char line[PATH_MAX];
  int wstat;
  if (filter.line.len >= sizeof line) return "its command is too long";
  memcpy(line, filter.line.s, filter.line.len + 1);
  size_t count = spam_mark_words(words, line);
  if (!count) return "its command is no command";
  words[count] = v->address.s;
  words[count + 1] = 0;
  if (lseek(0, 0, SEEK_SET) == -1) return "the message cannot be rewound";
  pid_t pid = fork();
  if (pid == 0) be_filter(v, words, out);
  if (pid == -1) return "it cannot be started";
  if (child_wait(pid, 1000 * FILTER_SECONDS, &wstat) != CHILD_ENDED) return "it takes too long";
  return WIFEXITED(wstat) && !WEXITSTATUS(wstat) ? 0 : "it fails";
}

static bool is_marked(int fd)
{
  stralloc head = STRALLOC_ZERO;
  ssize_t r = bytes_ready(&head, SPAM_HEADER_MAX) ? pread(fd, head.s, SPAM_HEADER_MAX, 0) : -1;
  bool marked = r > 0 && spam_mark_is_set(head.s, (size_t)r);
  stralloc_free(&head);
  return marked;
}

static char const *filter_into(struct vdeliver *v, int out)
{
  struct stat st;
  char const *why = out == -1 ? "there is no room for what it says" : run(v, out);
  if (!why && (fstat(out, &st) == -1 || !st.st_size)) why = "it says nothing";
  if (why) return why;
  v->unfiltered = fcntl(0, F_DUPFD_CLOEXEC, 3);
  return v->unfiltered != -1 && dup2(out, 0) != -1 ? 0 : "there are too many open files";
}

/* What goes wrong with it is no trouble of the message, which then goes on as it came. */
bool vdeliver_filter(struct vdeliver *v)
{
  int out = v->is_filtered ? file_make() : -1;
  char const *why = v->is_filtered ? filter_into(v, out) : 0;
  bool drops = v->is_filtered && !why && v->deletes_spam && is_marked(out);
  if (out != -1) fd_close(out);
  if (why && !v->text.len && !vdeliver_join(&v->text, "spam filter: ", why, (char *)0)) return vdeliver_no_memory(v);
  return !drops || vdeliver_end(v, VDELIVER_DONE, "spam, deleted", (char *)0);
}

void vdeliver_unfilter(struct vdeliver *v)
{
  if (v->unfiltered == -1) return;
  dup2(v->unfiltered, 0);
  fd_close(v->unfiltered);
  v->unfiltered = -1;
}
