/* qmail-filter: stand in the place of qmail-queue (QMAILQUEUE), and let programs see and change each message before it is queued.

   runs as   who calls; filters too, but for root's mail as qmaild
   reads     the message on fd 0, then the envelope on fd 1, HOME/control/filters or the file that QMAILFILTERS names, control/databytes
   changes   nothing itself; what the last filter wrote goes to the queue, through the service where it runs
   exits     as qmail-queue; 82 with a verdict on fd 6 for what a filter or the queue said
   prints    one line on fd 2 when a filter is in trouble
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "filter_chain.h"
#include "home.h"
#include "queue_client.h"
#include "queue_exit.h"
#include "text.h"

enum { LIFETIME = 86400, VERDICT_FD = 6, BLOCK = 16384 };

static unsigned long databytes, timeout;
static struct control const controls[] = {
  { "databytes",     CONTROL_NUMBER, &databytes, "0" },
  { "timeoutfilter", CONTROL_NUMBER, &timeout,   "300" },
  { 0 }
};

/* More than a filter has reason to write; without databytes, more than anybody sends. */
enum { ADDED_MAX = 1 << 20, UNBOUNDED_MAX = 1 << 30, TIMEOUT_MAX = 86400 };
static uint64_t output_max(void) { return databytes ? 2 * (uint64_t)databytes + ADDED_MAX : UNBOUNDED_MAX; }

static struct queue_client queue;
static struct filter_chain chain;

/* ---- endings ---- */

static _Noreturn void end(int code, char const *text)
{
  if (text) allwrite(VERDICT_FD, text, strlen(text));
  _exit(code);
}

/* Nothing is queued of what the queue has had so far. */
static _Noreturn void refuse(int code)
{
  queue_client_fail(&queue);
  queue_client_close(&queue);
  end(code, code == QUEUE_EXIT_OWN_TEXT ? chain.text : 0);
}

/* ---- before the message ---- */

/* None of the pipes to come gets the number of one that is not there. */
static void look_at_descriptors(void)
{
  if (fcntl(0, F_GETFD) == -1 || fcntl(1, F_GETFD) == -1) _exit(QUEUE_EXIT_CANNOT_READ);
  int fd;
  while ((fd = open("/dev/null", O_RDWR)) != -1 && fd <= VERDICT_FD)
    if (fd > 2) coe(fd);
  if (fd != -1) fd_close(fd);
  coe(1);
  coe(VERDICT_FD);
}

static void read_filters(void)
{
  static stralloc text;
  char const *elsewhere = getenv("QMAILFILTERS"), *culprit;
  char const *file = elsewhere && *elsewhere ? elsewhere : "control/filters";
  if (!control_load(controls, &culprit)) {
    strerr_warnwusys("read ", culprit);
    _exit(QUEUE_EXIT_CANNOT_CONFIGURE);
  }
  char const *own = getenv("DATABYTES");
  if (own && !ulong0_scan(own, &databytes)) databytes = 0;
  int there = control_slurp_path(&text, file);
  if (there == 1) text_end(&text);
  if (there == 0 && !elsewhere) return;
  if (there != 1 || !filter_chain_take(&chain, text.s, text.len - 1)) {
    if (there == 1) strerr_warnw(file, ": too many filters");
    else strerr_warnwusys("read ", file);
    _exit(QUEUE_EXIT_CANNOT_CONFIGURE);
  }
  chain.limit = 1000 * (int)(timeout > TIMEOUT_MAX ? TIMEOUT_MAX : timeout ? timeout : 1);
}

/* A filter that sends mail itself sends it past us. */
static void prepare(void)
{
  look_at_descriptors();
  if (chdir(HOME) == -1) _exit(QUEUE_EXIT_NO_HOME);
  sig_altignore(SIGPIPE);
  alarm(LIFETIME);
  read_filters();
  unsetenv("QMAILQUEUE");
  queue_client_starts_nothing();
  if (!queue_client_open(&queue)) _exit(QUEUE_EXIT_NO_MEMORY);
}

/* ---- the message ---- */

static void pass_as_it_is(void)
{
  char block[BLOCK];
  ssize_t n;
  while ((n = fd_read(0, block, BLOCK)) > 0) queue_client_put(&queue, block, (size_t)n);
  if (n == -1) refuse(QUEUE_EXIT_CANNOT_READ);
}

static void pass_through_filters(void)
{
  char block[BLOCK];
  uint64_t all = 0;
  ssize_t n = -1;
  if (filter_chain_start(&chain))
    while ((n = filter_chain_read(&chain, block, BLOCK)) > 0 && (all += (uint64_t)n) <= output_max())
      queue_client_put(&queue, block, (size_t)n);
  if (n > 0) strerr_warnw("filters wrote too much");
  if (n) filter_chain_stop(&chain);
  int code = filter_chain_end(&chain);
  if (code) refuse(code);
}

/* ---- the envelope ---- */

/* Bytes before the empty record that ends it; all when that is not among them. */
static size_t envelope_part(bool *between, bool *ended, char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (*between && !s[i]) return *ended = true, i;
    *between = !s[i];
  }
  return len;
}

static void pass_envelope(void)
{
  char block[BLOCK];
  bool between = true, ended = false;
  while (!ended) {
    ssize_t n = fd_read(1, block, sizeof block);
    if (n <= 0) refuse(QUEUE_EXIT_CANNOT_READ);
    queue_client_envelope(&queue, block, envelope_part(&between, &ended, block, (size_t)n));
  }
}

int main(void)
{
  PROG = "qmail-filter";
  prepare();
  if (chain.count) pass_through_filters();
  else pass_as_it_is();
  pass_envelope();
  char const *verdict = queue_client_close(&queue);
  end(*verdict ? QUEUE_EXIT_OWN_TEXT : QUEUE_EXIT_ACCEPTED, verdict);
}
