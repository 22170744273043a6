/* qmail-queue: take a message and its envelope, put them into the queue.

   runs as   qmailq by its setuid bit, for whoever calls; trusts neither environment nor descriptors nor limits
   reads     the message on fd 0, then the envelope on fd 1 (envelope_input.h), HOME/control/queueextra
   changes   HOME/queue/mess: one new file, or nothing at all; pulls lock/trigger
   exits     0 queued and on disk; else one code of enum below, and nothing is left behind
   prints    nothing, but for one line when a user of the system is missing
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "accounts.h"
#include "control.h"
#include "date.h"
#include "envelope_input.h"
#include "home.h"
#include "queue_message.h"
#include "queue_path.h"

enum {
  TOO_LONG = 11,            /* an address, or the envelope as a whole */
  NO_MEMORY = 51,
  TIMEOUT = 52,
  CANNOT_WRITE = 53,
  CANNOT_READ = 54,         /* also: end of file before the end of the envelope */
  CANNOT_CONFIGURE = 55,
  NO_HOME = 61,
  NO_QUEUE = 62,
  CANNOT_CREATE = 63,
  CANNOT_LINK = 64,
  CRASHED = 81,
  MALFORMED = 91
};

enum {
  LIFETIME = 86400,         /* seconds; qmail-clean removes dot-names of mess/ well after them */
  BLOCK = 65536
};

static int const write_exits[] = {
  [QUEUE_CANNOT_CREATE] = CANNOT_CREATE, [QUEUE_CANNOT_WRITE] = CANNOT_WRITE, [QUEUE_CANNOT_LINK] = CANNOT_LINK
};

/* ---- control ---- */

static struct nameset extra;

static struct control const controls[] = {
  /* file          kind           goes to  when absent */
  { "queueextra",  CONTROL_NAMES, &extra,  0 },
  { 0 }
};

/* ---- endings ---- */

static struct queue_writer writer = { .fd = -1 };
static char block[BLOCK];

static _Noreturn void end(int code)
{
  if (writer.fd != -1) queue_write_end(&writer);
  _exit(code);
}

static void on_alarm(int sig)
{
  (void)sig;
  end(TIMEOUT);
}

static void on_crash(int sig)
{
  (void)sig;
  end(CRASHED);
}

/* The caller shall see that it was killed; the handler is gone when it runs (SA_RESETHAND). */
static void on_term(int sig)
{
  if (writer.fd != -1) queue_write_end(&writer);
  raise(sig);
}

/* ---- a world one can trust ---- */

static struct { int number; void (*handler)(int); } const signals[] = {
  { SIGPIPE, SIG_IGN }, { SIGVTALRM, SIG_IGN }, { SIGPROF, SIG_IGN }, { SIGQUIT, SIG_IGN }, { SIGINT, SIG_IGN },
  { SIGHUP, SIG_IGN }, { SIGXCPU, SIG_IGN }, { SIGXFSZ, SIG_IGN },
  { SIGALRM, on_alarm }, { SIGTERM, on_term },
  { SIGILL, on_crash }, { SIGABRT, on_crash }, { SIGFPE, on_crash }, { SIGBUS, on_crash }, { SIGSEGV, on_crash },
  { SIGSYS, on_crash }
};

static void own_signals(void)
{
  struct sigaction action = { .sa_flags = SA_RESETHAND | SA_NODEFER };
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    action.sa_handler = signals[i].handler;
    sigaction(signals[i].number, &action, 0);
  }
  sigprocmask(SIG_SETMASK, &action.sa_mask, 0);
  alarm(LIFETIME);
}

/* A file of ours must never become descriptor 0, 1 or 2. */
static void own_descriptors(void)
{
  if (fcntl(0, F_GETFD) == -1 || fcntl(1, F_GETFD) == -1) end(CANNOT_READ);
  if (fcntl(2, F_GETFD) == -1 && open("/dev/null", O_RDWR) != 2) end(CANNOT_READ);
}

static void enter_queue(void)
{
  char const *culprit;
  if (chdir(HOME) == -1) end(NO_HOME);
  if (!control_load(controls, &culprit)) end(errno == ENOMEM ? NO_MEMORY : CANNOT_CONFIGURE);
  if (chdir("queue") == -1) end(NO_QUEUE);
}

/* ---- who calls ---- */

static struct { char const *user, *words; } const callers[] = {
  { "qmaild", "from network" },
  { "qmails", "for bounce" },
  { "alias", "by alias" }
};

static void add(stralloc *line, char const *s)
{
  if (!stralloc_cats(line, s)) end(NO_MEMORY);
}

static void add_number(stralloc *line, uint64_t number)
{
  char digits[UINT64_FMT];
  if (!stralloc_catb(line, digits, uint64_fmt(digits, number))) end(NO_MEMORY);
}

/* As far down the list as needed: the network's messages cost one look-up. */
static void add_caller(stralloc *line)
{
  uid_t caller = getuid();
  for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
    if (account_uid(callers[i].user) == caller) return add(line, callers[i].words);
  add(line, "by uid ");
  add_number(line, caller);
}

static void received(stralloc *line, time_t now)
{
  add(line, "Received: (qmail ");
  add_number(line, (uint64_t)getpid());
  add(line, " invoked ");
  add_caller(line);
  add(line, "); ");
  if (!date_header(line, now)) end(NO_MEMORY);
  add(line, "\n");
}

/* ---- the message and its envelope ---- */

static size_t read_block(int fd)
{
  ssize_t r;
  do r = read(fd, block, sizeof block); while (r == -1 && errno == EINTR);
  if (r == -1) end(CANNOT_READ);
  return (size_t)r;
}

static void take_message(stralloc const *received_line)
{
  size_t n;
  queue_write_message(&writer, received_line->s, received_line->len);
  while ((n = read_block(0))) {
    queue_write_message(&writer, block, n);
    if (writer.failed) end(CANNOT_WRITE);
  }
}

static void record(char letter, char const *s, size_t len)
{
  if (writer.envelope_len + len + 2 > QUEUE_ENVELOPE_MAX) end(TOO_LONG);
  queue_write_record(&writer, letter, s, len);
}

static void number_record(char letter, uint64_t number)
{
  char digits[UINT64_FMT];
  record(letter, digits, uint64_fmt(digits, number));
}

static void extra_recipients(void)
{
  for (size_t i = 0; i < extra.count; i++) {
    struct nameset_entry const *e = extra.entries + i;
    if (e->name_len > QUEUE_ADDRESS_MAX) end(CANNOT_CONFIGURE);
    record('T', extra.text.s + e->name, e->name_len);
  }
}

/* Everything in one block up to its last event; false when the envelope is complete. */
static bool take_envelope_block(struct envelope_input *input, size_t n)
{
  size_t at = 0;
  for (;;)
    switch (envelope_take(input, block, n, &at)) {
      case ENVELOPE_MORE: return true;
      case ENVELOPE_END: return false;
      case ENVELOPE_MALFORMED: end(MALFORMED);
      case ENVELOPE_TOO_LONG: end(TOO_LONG);
      case ENVELOPE_RECIPIENT: record('T', input->address, input->len); break;
      case ENVELOPE_SENDER:
        record('F', input->address, input->len);
        extra_recipients();
        break;
    }
}

static void take_envelope(void)
{
  struct envelope_input input = ENVELOPE_INPUT_ZERO;
  size_t n;
  number_record('u', getuid());
  number_record('p', (uint64_t)getpid());
  do n = read_block(1); while (n && take_envelope_block(&input, n));
  if (!n) end(CANNOT_READ);
}

/* Between the link and the verdict no signal may end us: the message would be queued and the caller told
   otherwise. */
static void commit(time_t now)
{
  uint64_t id;
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, 0);
  enum queue_write_result r = queue_write_commit(&writer, (uint64_t)now, &id);
  if (r != QUEUE_WRITTEN) end(write_exits[r]);
  queue_write_end(&writer);
  writer.fd = -1;

  /* Only now: qmail-send leaves a message alone as long as its writer holds the lock. */
  int trigger = open(QUEUE_TRIGGER, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (trigger == -1) return;
  char line[UINT64_FMT + 1];
  size_t len = uint64_fmt(line, id);
  line[len++] = '\n';
  if (write(trigger, line, len) == -1) return;    /* nobody listens: qmail-send finds the message by itself */
}

int main(void)
{
  PROG = "qmail-queue";
  stralloc line = STRALLOC_ZERO;
  time_t now = time(0);
  clearenv();
  umask(033);
  own_descriptors();
  own_signals();
  enter_queue();
  received(&line, now);
  enum queue_write_result r = queue_write_begin(&writer);
  if (r != QUEUE_WRITTEN) end(write_exits[r]);
  take_message(&line);
  take_envelope();
  commit(now);
  return 0;
}
