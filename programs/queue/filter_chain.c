#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "accounts.h"
#include "become.h"
#include "child.h"
#include "filter_chain.h"
#include "lines.h"
#include "monotonic.h"
#include "queue_exit.h"
#include "shell_words.h"
#include "text.h"

enum { TEXT_FD = 6, ABOVE = TEXT_FD + 1, SHELL_CANNOT = 127 };

bool filter_chain_take(struct filter_chain *c, char *text, size_t len)
{
  struct text_line line;
  for (size_t at = 0; lines_next(&line, text, len, &at);) {
    if (!line.len || *line.s == '#') continue;
    if (c->count == FILTERS_MAX) return false;
    char *command = text + (line.s - text);
    command[line.len] = 0;
    c->of[c->count++] = (struct mail_filter){ .command = command, .input = -1, .said = -1 };
  }
  return true;
}

/* ---- starting ---- */

/* The three may stand on the very numbers on which they must end. */
static bool arrange(int in, int out, int text)
{
  int const from[3] = { in, out, text }, to[3] = { 0, 1, TEXT_FD };
  int above[3];
  for (int i = 0; i < 3; i++)
    if ((above[i] = fcntl(from[i], F_DUPFD_CLOEXEC, ABOVE)) == -1) return false;
  for (int i = 0; i < 3; i++)
    if (dup2(above[i], to[i]) == -1) return false;
  return true;
}

static _Noreturn void be_filter(char *command)
{
  char *words[SHELL_WORDS_MAX + 1];
  char *copy = strdup(command);
  if (copy && shell_words_split(copy, words)) execvp(words[0], words);
  else execl("/bin/sh", "sh", "-c", command, (char *)0);
  strerr_warnwusys("run ", command);
  _exit(SHELL_CANNOT);
}

/* Root's mail is looked at by qmaild. A filter does not outlive us, which a change of its user would undo, and can be ended with
   all that it starts. */
static bool is_nobody_special(uid_t uid, gid_t gid)
{
  setpgid(0, 0);
  signal(SIGPIPE, SIG_DFL);
  if (!(getuid() && geteuid()) && !become(uid, gid)) return false;
  return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

static bool start(struct mail_filter *f, int out)
{
  int text[2];
  bool const root = !getuid() || !geteuid();
  uid_t uid = root ? account_uid("qmaild") : 0;
  gid_t gid = root ? account_gid("nofiles") : 0;
  if (pipecoe(text) == -1) return false;
  f->pid = fork();
  if (f->pid == 0) {
    if (!arrange(f->input, out, text[1]) || !is_nobody_special(uid, gid)) {
      strerr_warnwusys("prepare ", f->command);
      _exit(QUEUE_EXIT_NOT_STARTED);
    }
    be_filter(f->command);
  }
  fd_close(text[1]);
  f->said = text[0];
  return f->pid != -1;
}

bool filter_chain_start(struct filter_chain *c)
{
  struct stat st;
  int in = 0;
  for (size_t i = 0; i < c->count; i++) {
    int next[2];
    if (pipecoe(next) == -1) return false;
    c->of[i].input = in;
    in = c->output = next[0];
    bool started = start(&c->of[i], next[1]);
    fd_close(next[1]);
    if (!started) return false;
  }
  /* A file is all there from the beginning, and hangs up on nobody. */
  if (fstat(0, &st) == 0 && !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)) c->until = monotonic_ms() + c->limit;
  return true;
}

/* ---- what they write ---- */

static bool has_something_to_read(struct filter_chain const *c)
{
  int bytes = 0;
  return !c->until && ioctl(c->of[0].input, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* The injector has closed his end: the message is complete, and their time runs. Before, one who does not read what has come is
   late as well; he who waits for a slow client is not. */
static bool output_comes(struct filter_chain *c)
{
  for (;;) {
    struct pollfd p[2] = { { .fd = c->output, .events = POLLIN }, { .fd = c->until ? -1 : c->of[0].input } };
    int64_t left = c->until ? c->until - monotonic_ms() : c->limit;
    int r = poll(p, 2, left > 0 ? (int)left : 0);
    if (r == -1 && errno != EINTR) return false;
    if (r > 0 && p[0].revents) return true;
    if (r > 0) c->until = monotonic_ms() + c->limit;
    if (r == 0 && (c->until || has_something_to_read(c))) return errno = ETIMEDOUT, false;
  }
}

ssize_t filter_chain_read(struct filter_chain *c, char *s, size_t len)
{
  return output_comes(c) ? fd_read(c->output, s, len) : -1;
}

/* ---- what came of them ---- */

void filter_chain_stop(struct filter_chain *c)
{
  c->until = 1;
  c->stopped = true;
}

/* Whether there is more in what it read, or may come. */
static bool stopped_early(int input)
{
  char c;
  struct pollfd p = { .fd = input, .events = POLLIN };
  if (poll(&p, 1, 0) < 1) return true;
  return p.revents & POLLIN && fd_read(input, &c, 1) != 0;
}

/* Its input is closed, so that he who writes to it does not wait for ever. */
static void finish(struct filter_chain *c, struct mail_filter *f)
{
  int64_t left = c->until - monotonic_ms();
  if (f->pid > 0) f->late = child_wait(f->pid, left > 0 ? (int)left : 0, &f->wstat) != CHILD_ENDED;
  if (f->input == -1) return;
  f->stopped_early = stopped_early(f->input);
  fd_close(f->input);
}

static char const *trouble_of(struct mail_filter const *f)
{
  if (f->pid <= 0) return "Zmail filter cannot be started (#4.3.0)";
  if (f->late) return "Zmail filter did not end in time (#4.3.0)";
  if (!WIFEXITED(f->wstat)) return "Zmail filter crashed (#4.3.0)";
  if (!WEXITSTATUS(f->wstat) && f->stopped_early) return "Zmail filter did not read the whole message (#4.3.0)";
  return 0;
}

static bool is_fine(struct mail_filter const *f) { return !trouble_of(f) && !WEXITSTATUS(f->wstat); }

/* What it said is there already, since it has ended; somebody whom it started may still have the other end. */
static void hear(char text[QUEUE_TEXT_MAX + 1], int fd)
{
  ssize_t len = ndelay_on(fd) == -1 ? 0 : fd_read(fd, text, QUEUE_TEXT_MAX);
  text[len > 0 ? len : 0] = 0;
}

static int verdict(struct filter_chain *c, struct mail_filter const *f)
{
  char const *trouble = trouble_of(f);
  int code = trouble ? QUEUE_EXIT_OWN_TEXT : WEXITSTATUS(f->wstat);
  char number[UINT_FMT];
  number[uint_fmt(number, (unsigned int)code)] = 0;
  if (trouble) strcpy(c->text, trouble);
  else hear(c->text, f->said);
  if (trouble) strerr_warnw(f->command, ": ", trouble + 1);
  else if (*queue_client_verdict(code, false, c->text, strlen(c->text)) != 'D') strerr_warnw(f->command, ": exit ", number);
  return code;
}

static int interrupted(struct filter_chain *c)
{
  strcpy(c->text, "Ztrouble with mail filters (#4.3.0)");
  return QUEUE_EXIT_OWN_TEXT;
}

/* Who failed first, but not only because the next one read no more. */
int filter_chain_end(struct filter_chain *c)
{
  if (!c->until) c->until = monotonic_ms() + c->limit;
  for (size_t i = c->count; i--;) finish(c, &c->of[i]);
  for (size_t i = 0; i < c->count; i++) {
    bool others_fault = i + 1 < c->count && c->of[i + 1].stopped_early && !c->of[i].late;
    if (!is_fine(&c->of[i]) && !others_fault) return verdict(c, &c->of[i]);
  }
  return c->stopped ? interrupted(c) : QUEUE_EXIT_ACCEPTED;
}
