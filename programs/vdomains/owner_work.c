#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "answer.h"
#include "asker.h"
#include "confine.h"
#include "die.h"
#include "helpers.h"
#include "home.h"
#include "owned.h"
#include "owner_work.h"
#include "served.h"
#include "service.h"
#include "site.h"
#include "text.h"
#include "workers.h"

enum {
  IDLE_SECONDS = 30,
  HANGING_SECONDS = 60,         /* one question; then a disk hangs, and the next may be about a domain on another one */
  DOMAINS_MAX = 4096            /* directories that it may write in; in the others nothing is noted */
};

/* ---- what it may write ---- */

static struct confine_path *domains_of_account(void)
{
  static stralloc table = STRALLOC_ZERO;
  static struct user user = USER_ZERO;
  struct confine_path *paths = calloc(DOMAINS_MAX + 2, sizeof *paths);
  size_t at = 0, count = 0;
  int r = 1;
  if (!paths) die_nomem();
  paths[count++] = (struct confine_path){ "/", CONFINE_READ };
  if (!owned_read(&table)) strerr_diefusys(111, "read ", HOME, "/users/cdb");
  while (count <= DOMAINS_MAX && (r = owned_next(&user, &table, &at)) == 1) {
    if (user.uid != geteuid()) continue;
    stralloc path = STRALLOC_ZERO;
    text_setb(&path, user.home.s, user.home.len);
    paths[count++] = (struct confine_path){ text_z(&path), CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE };
  }
  if (r == -1) strerr_diefusys(111, "read ", HOME, "/users/cdb");
  stralloc_free(&table);
  return paths;
}

/* Its programs cannot look into it, though they are the same account's. */
static void give_up_the_rest(void)
{
  prctl(PR_SET_DUMPABLE, 0);
  confine_or_warn(&(struct confinement){
    .paths = domains_of_account(), .ports = CONFINE_NO_PORTS, .calls = helpers_calls()
  });
}

/* ---- questions ---- */

/* TERM ends it here and nowhere else. */
static bool somebody_comes(time_t seconds, sigset_t const *while_waiting)
{
  struct pollfd x = { .fd = 0, .events = POLLIN };
  struct timespec const idle = { .tv_sec = seconds };
  return ppoll(&x, 1, &idle, while_waiting) == 1;
}

/* -1 when nobody comes. */
static int next_client(sigset_t const *while_waiting)
{
  if (!somebody_comes(WORKERS_IDLE_SECONDS, while_waiting)) {
    served_forget();
    if (!somebody_comes(IDLE_SECONDS - WORKERS_IDLE_SECONDS, while_waiting)) return -1;
  }
  return accept4(0, 0, 0, SOCK_CLOEXEC);
}

/* One process serves: who may know nothing here shall not keep it. */
static void serve(int fd, enum users_verb verb)
{
  uid_t caller;
  if (!service_peer(fd, &caller) || !asker_is_of_us(caller)) return;
  alarm(HANGING_SECONDS);
  answer_question(fd, caller, verb);
  alarm(0);
}

void owner_work(enum users_verb verb)
{
  sigset_t none, term;
  int fd;
  sigemptyset(&none);
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_SETMASK, &term, 0);
  give_up_the_rest();
  while ((fd = next_client(&none)) != -1) {
    serve(fd, verb);
    close(fd);
  }
}
