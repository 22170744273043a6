/* qmail-stsd: know the MTA-STS policies (RFC 8461) of the domains that mail goes to, for qmail-remote.

   runs as   qmailr, started by its service; never root
   reads     domains on HOME/run/sts/socket (sts_entry.h), from root and qmailr; answers of name servers; policies from
             https://mta-sts.DOMAIN
   changes   HOME/run/sts; HOME/sts: a file for each domain that has a policy, and for each day what became of sessions
   logs      each policy that is new, and each that should be there and is not
   exits     0 after TERM, 111 when the machine fails it

   The first process only keeps its workers in number. A worker serves one question at a time; the last one looks, while nobody asks,
   after policies that are getting old.
*/

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "accounts.h"
#include "confine.h"
#include "die.h"
#include "dns.h"
#include "service.h"
#include "sts_fetch.h"
#include "sts_look.h"
#include "sts_sessions.h"
#include "workers.h"

#define SOCKET_LOCK "run/sts/lock"

enum {
  WORKERS = 5,
  WAITING_MAX = 256,            /* connections that no worker has taken yet; beyond, who connects waits for a place */
  QUESTION_MS = 2000,           /* for a whole question: who asks had all of it before he came */
  DNS_SECONDS = 4,
  TEND_SECONDS = 600            /* between two looks after old policies */
};

static uid_t asker;

/* ---- one question ---- */

/* A domain, or a line about a session. */
enum { QUESTION_MAX = TLSRPT_LINE_MAX + 2 };

static void serve(int fd, size_t mine)
{
  char question[QUESTION_MAX], name[STS_DOMAIN_MAX + 1];
  size_t len;
  uid_t caller;
  (void)mine;
  if (!service_peer(fd, &caller) || (caller != 0 && caller != asker)
      || !service_receive_line(fd, question, sizeof question, &len, QUESTION_MS)) return;
  question[len] = 0;
  if (strlen(question) != len) return;
  if (strchr(question, ' ')) {
    sessions_add(question, len);
    return;
  }
  char said = sts_domain(name, question) ? (char)look_at(name) : STS_ABSENT;
  service_say(fd, &said, 1);
}

/* ---- the workers ---- */

static struct service const door = { .path = STS_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX };
static int listener, only_one;

static struct confine_path const paths[] = {
  { STS_PLACE,                          CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
  { "/dev/null",                        CONFINE_READ | CONFINE_WRITE },
  { "/dev/urandom",                     CONFINE_READ },
  { "/etc",                             CONFINE_READ },
  { "/usr/lib/ssl",                     CONFINE_READ },
  { "/usr/share/ca-certificates",       CONFINE_READ },
  { "/usr/local/share/ca-certificates", CONFINE_READ },
  { 0 }
};
static uint16_t const ports[] = { 53, 443, 0 };

/* TERM ends it here and nowhere else. */
static void wait_for(time_t seconds)
{
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigprocmask(SIG_UNBLOCK, &stopping, 0);
  nanosleep(&(struct timespec){ .tv_sec = seconds }, 0);
  sigprocmask(SIG_BLOCK, &stopping, 0);
}

static _Noreturn void tend(void)
{
  for (;;) {
    look_after_the_old();
    sessions_forget();
    wait_for(TEND_SECONDS);
  }
}

static int begin(size_t mine)
{
  close(only_one);
  if (!dns_init(DNS_SECONDS)) strerr_diefusys(111, "start the resolver");
  if (!fetch_set_up()) die_nomem();
  confine_or_warn(&(struct confinement){ .paths = paths, .ports = ports, .calls = CONFINE_INTERNET | CONFINE_NO_PROCESSES });
  if (mine == WORKERS - 1) tend();
  return listener;
}

/* ---- the beginning ---- */

int main(int argc, char const *const *argv)
{
  PROG = "qmail-stsd";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: qmailr is the user");
  umask(022);
  workers_own_signals();
  enter_home();
  asker = account_uid("qmailr");
  only_one = service_be_alone(SOCKET_LOCK);
  if (!look_set_up()) die_nomem();
  service_open(&listener, &door, 1, 0);
  struct workers const workers = { .seats = workers_seats(WORKERS), .count = WORKERS, .begin = begin, .serve = serve };
  workers_serve(&workers, WORKERS - 1, &listener, &door, 1);
  return 0;
}
