#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/exec.h>

#include "home.h"
#include "queue_client.h"

enum { ERROR_FD = 6, EXIT_NO_HOME = 61, EXIT_CUSTOM = 82, EXIT_NO_EXEC = 120 };

static struct { int code; char const *text; } const verdicts[] = {
  {  11, "Denvelope address too long for qq (#5.1.3)" },
  { 115, "Denvelope address too long for qq (#5.1.3)" },
  {  31, "Dmail server permanently rejected message (#5.3.0)" },
  {  51, "Zqq out of memory (#4.3.0)" },
  {  52, "Zqq timeout (#4.3.0)" },
  {  53, "Zqq write error or disk full (#4.3.0)" },
  {  54, "Zqq read error (#4.3.0)" },
  {  55, "Zqq unable to read configuration (#4.3.0)" },
  {  56, "Zqq trouble making network connection (#4.3.0)" },
  {  61, "Zqq trouble in home directory (#4.3.0)" },
  {  62, "Zqq trouble creating files in queue (#4.3.0)" },
  {  63, "Zqq trouble creating files in queue (#4.3.0)" },
  {  64, "Zqq trouble creating files in queue (#4.3.0)" },
  {  65, "Zqq trouble creating files in queue (#4.3.0)" },
  {  66, "Zqq trouble creating files in queue (#4.3.0)" },
  {  71, "Zmail server temporarily rejected message (#4.3.0)" },
  {  72, "Zconnection to mail server timed out (#4.4.1)" },
  {  73, "Zconnection to mail server rejected (#4.4.1)" },
  {  74, "Zcommunication with mail server failed (#4.4.2)" },
  {  81, "Zqq internal bug (#4.3.0)" },
  {  91, "Zqq internal bug (#4.3.0)" },
  { EXIT_NO_EXEC, "Zunable to exec qq (#4.3.0)" }
};

char const *queue_client_verdict(int exit_code, bool failed, char const *text, size_t text_len)
{
  if (!exit_code) return failed ? "Zqq read error (#4.3.0)" : "";
  if (exit_code == EXIT_CUSTOM && text_len > 2 && (text[0] == 'D' || text[0] == 'Z')) return text;
  for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
    if (verdicts[i].code == exit_code) return verdicts[i].text;
  if (exit_code >= 11 && exit_code <= 40) return "Dqq permanent problem (#5.3.0)";
  return "Zqq temporary problem (#4.3.0)";
}

struct pipes { int message[2], envelope[2], error[2]; };

static void pipes_close(struct pipes const *p)
{
  int const fds[] = { p->message[0], p->message[1], p->envelope[0], p->envelope[1], p->error[0], p->error[1] };
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
    if (fds[i] != -1) fd_close(fds[i]);
}

static bool pipes_open(struct pipes *p)
{
  *p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
  if (pipecoe(p->message) == 0 && pipecoe(p->envelope) == 0 && pipecoe(p->error) == 0) return true;
  pipes_close(p);
  return false;
}

/* The pipes may have been born on the very numbers they must end on, so each first moves above them. */
static bool arrange(struct pipes const *p)
{
  int const from[3] = { p->message[0], p->envelope[0], p->error[1] };
  int const to[3] = { 0, 1, ERROR_FD };
  int above[3];
  for (int i = 0; i < 3; i++) {
    above[i] = fcntl(from[i], F_DUPFD_CLOEXEC, ERROR_FD + 1);
    if (above[i] == -1) return false;
  }
  for (int i = 0; i < 3; i++)
    if (dup2(above[i], to[i]) == -1) return false;
  return true;
}

/* Daemons block the signals they read from a descriptor, and every injector ignores SIGPIPE: both would pass
   through exec to a queue program that knows nothing of it. */
static void usual_signals(void)
{
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  signal(SIGPIPE, SIG_DFL);
}

static _Noreturn void be_queue_program(struct pipes const *p)
{
  char const *program = getenv("QMAILQUEUE");
  if (!program || !*program) program = "bin/qmail-queue";
  if (!arrange(p)) _exit(EXIT_NO_EXEC);
  usual_signals();
  if (chdir(HOME) == -1) _exit(EXIT_NO_HOME);
  char const *const argv[] = { program, 0 };
  execv(program, (char *const *)argv);
  _exit(EXIT_NO_EXEC);
}

int queue_client_open(struct queue_client *q)
{
  struct pipes p;
  if (!pipes_open(&p)) return 0;
  q->pid = fork();
  if (q->pid == -1) {
    pipes_close(&p);
    return 0;
  }
  if (q->pid == 0) be_queue_program(&p);
  close(p.message[0]);
  close(p.envelope[0]);
  close(p.error[1]);
  q->message_fd = p.message[1];
  q->envelope_fd = p.envelope[1];
  q->error_fd = p.error[0];
  q->failed = false;
  q->used = 0;
  return 1;
}

static void flush(struct queue_client *q, int fd)
{
  if (!q->failed && allwrite(fd, q->buffer, q->used) < q->used) q->failed = true;
  q->used = 0;
}

static void put(struct queue_client *q, int fd, char const *s, size_t len)
{
  while (len) {
    size_t n = sizeof q->buffer - q->used;
    if (n > len) n = len;
    memcpy(q->buffer + q->used, s, n);
    q->used += n;
    s += n;
    len -= n;
    if (q->used == sizeof q->buffer) flush(q, fd);
  }
}

void queue_client_put(struct queue_client *q, char const *s, size_t len) { put(q, q->message_fd, s, len); }
void queue_client_puts(struct queue_client *q, char const *s) { put(q, q->message_fd, s, strlen(s)); }
void queue_client_fail(struct queue_client *q) { q->failed = true; }

static void record(struct queue_client *q, char letter, char const *s, size_t len)
{
  put(q, q->envelope_fd, &letter, 1);
  put(q, q->envelope_fd, s, len);
  put(q, q->envelope_fd, "", 1);
}

static void end_of_message(struct queue_client *q)
{
  if (q->message_fd == -1) return;
  flush(q, q->message_fd);
  close(q->message_fd);
  q->message_fd = -1;
}

void queue_client_from(struct queue_client *q, char const *sender, size_t len)
{
  end_of_message(q);
  record(q, 'F', sender, len);
}

void queue_client_to(struct queue_client *q, char const *recipient, size_t len)
{
  record(q, 'T', recipient, len);
}

/* Without the final NUL the queue program sees an unfinished envelope and queues nothing. */
static void end_of_envelope(struct queue_client *q)
{
  end_of_message(q);
  if (!q->failed) put(q, q->envelope_fd, "", 1);
  flush(q, q->envelope_fd);
  close(q->envelope_fd);
}

char const *queue_client_close(struct queue_client *q)
{
  int wstat;
  end_of_envelope(q);
  size_t text_len = allread(q->error_fd, q->text, QUEUE_TEXT_MAX);
  q->text[text_len] = 0;
  close(q->error_fd);
  if (wait_pid(q->pid, &wstat) == -1) return "Zqq waitpid surprise (#4.3.0)";
  if (!WIFEXITED(wstat)) return "Zqq crashed (#4.3.0)";
  return queue_client_verdict(WEXITSTATUS(wstat), q->failed, q->text, text_len);
}

unsigned long queue_client_qp(struct queue_client const *q)
{
  return (unsigned long)q->pid;
}
