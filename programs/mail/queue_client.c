#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/exec.h>

#include "home.h"
#include "monotonic.h"
#include "queue_client.h"
#include "queue_exit.h"
#include "queue_service.h"

enum { ERROR_FD = 6, AGAIN_MS = 100 };
static char const crashed[] = "Zqq crashed (#4.3.0)";

char const *queue_client_verdict(int exit_code, bool failed, char const *text, size_t text_len)
{
  if (exit_code == QUEUE_EXIT_ACCEPTED && failed) return queue_exit_verdict(QUEUE_EXIT_CANNOT_READ);
  if (exit_code == QUEUE_EXIT_OWN_TEXT && text_len > 2 && (text[0] == 'D' || text[0] == 'Z')) return text;
  return queue_exit_verdict(exit_code);
}

int queue_client_end(char const *verdict)
{
  return *verdict == 'D' ? 100 : *verdict ? 111 : 0;
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

static char const *program_wanted(void)
{
  char const *program = getenv("QMAILQUEUE");
  return program && *program ? program : 0;
}

static _Noreturn void be_queue_program(struct queue_client const *q, struct pipes const *p)
{
  char const *program = program_wanted();
  char const *const usual[] = { program ? program : "bin/qmail-queue", 0 };
  char const *const *argv = q->program ? q->program : usual;
  if (!arrange(p)) _exit(QUEUE_EXIT_NOT_STARTED);
  usual_signals();
  if (chdir(HOME) == -1 && **argv != '/') _exit(QUEUE_EXIT_NO_HOME);
  execv(*argv, (char *const *)argv);
  _exit(QUEUE_EXIT_NOT_STARTED);
}

static int start_program(struct queue_client *q)
{
  struct pipes p;
  if (!pipes_open(&p)) return 0;
  q->pid = fork();
  if (q->pid == -1) {
    pipes_close(&p);
    return 0;
  }
  if (q->pid == 0) be_queue_program(q, &p);
  close(p.message[0]);
  close(p.envelope[0]);
  close(p.error[1]);
  q->message_fd = p.message[1];
  q->envelope_fd = p.envelope[1];
  q->error_fd = p.error[0];
  q->qp = (unsigned long)q->pid;
  return 1;
}

/* ---- without programs ---- */

static bool starts_nothing = false;

bool queue_client_starts_nothing(void)
{
  return starts_nothing = starts_nothing || (!program_wanted() && queue_service_there());
}

/* A site may want no setuid program: without its right qmail-queue could queue nothing, while there is a service that can. */
static bool program_has_no_right(void)
{
  struct stat st;
  if (program_wanted() || !queue_service_there()) return false;
  return stat(HOME "/bin/qmail-queue", &st) == -1 ? errno == ENOENT : !(st.st_mode & S_ISUID);
}

/* Then it is waited for. */
static bool has_service_alone(void)
{
  return starts_nothing || program_has_no_right();
}

static bool wait_for_service(int64_t until)
{
  if (monotonic_ms() >= until || !has_service_alone()) return false;
  nanosleep(&(struct timespec){ .tv_nsec = AGAIN_MS * 1000000L }, 0);
  return true;
}

static int start_stream(struct queue_client *q)
{
  int64_t const until = monotonic_ms() + 1000 * QUEUE_PATIENCE;
  int message[2], envelope[2];
  if (pipecoe(message) == -1) return 0;
  if (pipecoe(envelope) == -1) {
    close(message[0]), close(message[1]);
    return 0;
  }
  do q->error_fd = queue_service_stream(message[0], envelope[0], &q->qp);
  while (q->error_fd == -1 && wait_for_service(until));
  close(message[0]);
  close(envelope[0]);
  q->streamed = true;
  q->message_fd = message[1];
  q->envelope_fd = envelope[1];
  return 1;
}

static int start(struct queue_client *q)
{
  return has_service_alone() ? start_stream(q) : start_program(q);
}

static int open_by(struct queue_client *q, char const *const *program)
{
  q->program = program;
  q->failed = q->in_envelope = q->streamed = false;
  q->used = q->message_len = 0;
  q->pid = 0;
  q->qp = 0;
  q->message_fd = q->envelope_fd = q->error_fd = -1;
  q->held = !program && (starts_nothing || (!program_wanted() && queue_service_there()));
  return q->held || (program ? start_program(q) : start(q));
}

int queue_client_open(struct queue_client *q) { return open_by(q, 0); }
int queue_client_open_program(struct queue_client *q, char const *const *argv) { return open_by(q, argv); }

static void flush(struct queue_client *q)
{
  int fd = q->in_envelope ? q->envelope_fd : q->message_fd;
  if (!q->failed && allwrite(fd, q->buffer, q->used) < q->used) q->failed = true;
  q->used = 0;
}

static void end_of_message(struct queue_client *q)
{
  flush(q);
  close(q->message_fd);
  q->message_fd = -1;
  q->in_envelope = true;
}

/* What was held goes to the queue program after all. */
static void let_go(struct queue_client *q)
{
  size_t all = q->used;
  q->held = false;
  if (!start(q)) q->failed = true;
  if (!q->in_envelope) return;
  q->in_envelope = false;
  q->used = q->message_len;
  end_of_message(q);
  q->used = all - q->message_len;
  memmove(q->buffer, q->buffer + q->message_len, q->used);
}

static void put(struct queue_client *q, char const *s, size_t len)
{
  if (q->failed) return;
  if (q->held && len > sizeof q->buffer - q->used) let_go(q);
  while (len) {
    size_t n = sizeof q->buffer - q->used;
    if (n > len) n = len;
    memcpy(q->buffer + q->used, s, n);
    q->used += n;
    s += n;
    len -= n;
    if (!q->held && q->used == sizeof q->buffer) flush(q);
  }
}

void queue_client_put(struct queue_client *q, char const *s, size_t len) { put(q, s, len); }
void queue_client_puts(struct queue_client *q, char const *s) { put(q, s, strlen(s)); }
void queue_client_fail(struct queue_client *q) { q->failed = true; }

static void record(struct queue_client *q, char letter, char const *s, size_t len)
{
  put(q, &letter, 1);
  put(q, s, len);
  put(q, "", 1);
}

static void begin_envelope(struct queue_client *q)
{
  if (q->in_envelope) return;
  if (!q->held) {
    end_of_message(q);
    return;
  }
  q->message_len = q->used;
  q->in_envelope = true;
}

void queue_client_from(struct queue_client *q, char const *sender, size_t len)
{
  begin_envelope(q);
  record(q, 'F', sender, len);
}

void queue_client_to(struct queue_client *q, char const *recipient, size_t len)
{
  record(q, 'T', recipient, len);
}

void queue_client_envelope(struct queue_client *q, char const *s, size_t len)
{
  begin_envelope(q);
  put(q, s, len);
}

static bool is_filter(char const *program)
{
  return strcmp(program, "bin/qmail-filter") == 0 || strcmp(program, HOME "/bin/qmail-filter") == 0;
}

bool queue_client_takes_extras(void)
{
  char const *program = program_wanted();
  return !program || is_filter(program) || getenv("QMAILQUEUE_EXTRAS");
}

void queue_client_extra(struct queue_client *q, enum envelope_extra letter, char const *value, size_t len)
{
  if (queue_client_takes_extras()) record(q, (char)letter, value, len);
}

/* ---- the verdict ---- */

/* Null when the service did not take the message: nothing is queued, and the queue program may do it. */
static char const *verdict_of_service(struct queue_client *q)
{
  int64_t const until = monotonic_ms() + 1000 * QUEUE_PATIENCE;
  int r;
  if (q->failed) return queue_exit_verdict(QUEUE_EXIT_CANNOT_READ);
  do r = queue_service_send(q->buffer, q->message_len, q->used - q->message_len, &q->qp);
  while (r == QUEUE_NOT_TAKEN && wait_for_service(until));
  if (r == QUEUE_NOT_TAKEN) return 0;
  return r == QUEUE_UNCERTAIN ? crashed : queue_exit_verdict(r);
}

/* Whoever says it may end it like a line or like a string of C: neither is for the eyes of the one who is told. */
static size_t text_end(char const *text, size_t len)
{
  len = strnlen(text, len);
  while (len && (text[len - 1] == '\n' || text[len - 1] == '\r' || text[len - 1] == ' ')) len--;
  return len;
}

static char const *verdict_of_stream(struct queue_client *q)
{
  unsigned char code;
  flush(q);
  if (q->message_fd != -1) close(q->message_fd);
  close(q->envelope_fd);
  if (q->error_fd == -1) return queue_exit_verdict(QUEUE_EXIT_NOT_STARTED);
  bool said = allread(q->error_fd, (char *)&code, 1) == 1;
  close(q->error_fd);
  return said ? queue_client_verdict(code, q->failed, 0, 0) : crashed;
}

/* Without the final NUL the queue program sees an unfinished envelope and queues nothing. */
static char const *verdict_of_program(struct queue_client *q)
{
  int wstat;
  flush(q);
  if (q->message_fd != -1) close(q->message_fd);
  close(q->envelope_fd);
  if (q->pid <= 0) return queue_exit_verdict(QUEUE_EXIT_NOT_STARTED);
  size_t text_len = allread(q->error_fd, q->text, QUEUE_TEXT_MAX);
  text_len = text_end(q->text, text_len);
  q->text[text_len] = 0;
  close(q->error_fd);
  if (wait_pid(q->pid, &wstat) == -1) return "Zqq waitpid surprise (#4.3.0)";
  if (!WIFEXITED(wstat)) return crashed;
  return queue_client_verdict(WEXITSTATUS(wstat), q->failed, q->text, text_len);
}

char const *queue_client_close(struct queue_client *q)
{
  begin_envelope(q);
  put(q, "", 1);
  if (q->held) {
    char const *verdict = verdict_of_service(q);
    if (verdict) return verdict;
    if (has_service_alone()) return queue_exit_verdict(QUEUE_EXIT_NOT_STARTED);
    let_go(q);
  }
  return q->streamed ? verdict_of_stream(q) : verdict_of_program(q);
}

bool queue_client_is_uncertain(char const *verdict)
{
  return verdict == crashed;
}

unsigned long queue_client_qp(struct queue_client *q)
{
  if (q->held && !q->qp && !q->failed) let_go(q);
  return q->qp;
}
