/* qmail-primaryd: know, for a backup MX, who is there in the domains whose mail goes on to other hosts, by asking those.

   runs as   qmailr, started by its service; never root
   reads     addresses on HOME/run/primary/socket (primary.h), from root and qmaild; control files; answers of name servers and of
             servers of SMTP
   changes   HOME/run/primary; HOME/primary/memory: what was said of whom
   logs      domains whose servers cannot be asked, or do not tell
   exits     0 after TERM, 111 when the machine fails it

   The first process only keeps its workers in number. A worker serves one question at a time; who asks need not wait for its end,
   and hears the answer when he comes again.
*/

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "accounts.h"
#include "confine.h"
#include "die.h"
#include "dns.h"
#include "primary_hosts.h"
#include "primary_look.h"
#include "service.h"
#include "workers.h"

#define SOCKET_LOCK "run/primary/lock"

enum {
  WORKERS = 10,
  WAITING_MAX = 256,            /* connections that no worker has taken yet; beyond, who connects waits for a place */
  QUESTION_MS = 2000            /* for a whole question: who asks had all of it before he came */
};

static uid_t asker;

/* ---- one question ---- */

static void serve(int fd, size_t mine)
{
  char question[PRIMARY_ADDRESS_MAX + 1];
  size_t len;
  uid_t caller;
  if (!service_peer(fd, &caller) || (caller != 0 && caller != asker) || !service_receive_line(fd, question, sizeof question, &len, QUESTION_MS)) return;
  struct field const address = { question, len };
  if (!primary_is_name(address)) return;
  char said = (char)look_at(mine, address);
  service_say(fd, &said, 1);
}

/* ---- the workers ---- */

static struct service const door = { .path = PRIMARY_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX };
static int listener, only_one;

static struct confine_path const paths[] = {
  { "control",      CONFINE_READ | CONFINE_LINKS },
  { "/etc",         CONFINE_READ },
  { "/dev/null",    CONFINE_READ | CONFINE_WRITE },
  { "/dev/urandom", CONFINE_READ },
  { 0 }
};

static int begin(size_t mine)
{
  close(only_one);
  if (!dns_init(HOSTS_DNS_SECONDS)) strerr_diefusys(111, "start the resolver");
  if (!look_begin(mine)) strerr_diefusys(111, "open run/primary/questions");
  confine_or_warn(&(struct confinement){ .paths = paths, .calls = CONFINE_INTERNET | CONFINE_NO_PROCESSES });
  return listener;
}

/* ---- the beginning ---- */

int main(int argc, char const *const *argv)
{
  PROG = "qmail-primaryd";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: qmailr is the user");
  umask(022);
  workers_own_signals();
  enter_home();
  asker = account_uid("qmaild");
  only_one = service_be_alone(SOCKET_LOCK);
  if (!look_set_up(WORKERS)) die_nomem();
  service_open(&listener, &door, 1, 0);
  struct workers const workers = { .seats = workers_seats(WORKERS), .count = WORKERS, .begin = begin, .serve = serve };
  workers_serve(&workers, WORKERS, &listener, &door, 1);
  return 0;
}
