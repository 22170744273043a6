/* qmail-ownersd: start qmail-usersd, and again for each account that owns virtual domains of its own, when somebody asks.

   runs as   root, started by the service qmail-users; reads no byte that anybody else has written
   reads     HOME/users/cdb, which is root's
   starts    qmail-usersd as vpopmail; qmail-usersd who and qmail-usersd password as an account that users/cdb names as the
             owner of a virtual domain, never as root, with its socket as descriptor 0
   changes   sockets in HOME/run/owners
   exits     0 after TERM, when what was asked is answered; as qmail-usersd does when that ends by itself; 100 misused, 111

   Of each account there is one process for each socket, while it is asked, and WORKERS_MAX of all: whoever's disk hangs has
   one question hanging, and where all places are taken the oldest have to go.
*/

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "become.h"
#include "die.h"
#include "home.h"
#include "lock.h"
#include "monotonic.h"
#include "owner_doors.h"
#include "site.h"

#define PROGRAM HOME "/bin/qmail-usersd"

enum {
  WORKERS_MAX = 64,
  AGAIN_MS = 1000,        /* a worker that ended at once has another one after that */
  STALE_MS = 10000,       /* and sockets that could not be made are tried again */
  MERCY_MS = 5000         /* for a worker that was told to end */
};

static struct owner_doors doors = { 0, 0, -1 };
static size_t living;             /* workers */
static pid_t service;             /* qmail-usersd as vpopmail; 0 when it has ended, with wstat */
static int service_wstat;
static int signals, changes;      /* signalfd, inotify */
static struct rlimit files;       /* as we were started, for who we start */
static bool is_stale, is_short;   /* doors have to be renewed; somebody waits for a worker that could not be had */

/* ---- starting ---- */

static void run_as(uid_t uid, gid_t gid, pid_t master, char const *word)
{
  char const *const argv[] = { "qmail-usersd", word, 0 };
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  setrlimit(RLIMIT_NOFILE, &files);
  if (!become(uid, gid)) strerr_diefusys(111, "become the owner of a domain");
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != master) _exit(0);
  execv(PROGRAM, (char *const *)argv);
  strerr_dieexec(111, PROGRAM);
}

static void start_service(void)
{
  struct site const *site = site_find();
  pid_t master = getpid();
  service = fork();
  if (service == -1) strerr_diefusys(111, "fork");
  if (service == 0) run_as(site->uid, site->gid, master, 0);
}

static void worker_start(struct owner_door *door)
{
  pid_t master = getpid();
  door->started = monotonic_ms();
  door->told = 0;
  if (!owner_door_watch(&doors, door, false)) return;
  pid_t pid = fork();
  if (pid == 0) {
    if (dup2(door->listener, 0) == -1) strerr_diefusys(111, "hand over a socket");
    run_as(door->uid, door->gid, master, door->verb == USERS_WHO ? "who" : "password");
  }
  if (pid == -1) {
    strerr_warnwusys("fork");
    is_short = true;
    return;
  }
  door->worker = pid;
  living++;
}

/* ---- ending ---- */

static void say_how(struct owner_door const *door, char const *what, int number)
{
  char digits[2][ULONG_FMT];
  digits[0][ulong_fmt(digits[0], door->uid)] = 0;
  digits[1][ulong_fmt(digits[1], (unsigned long)number)] = 0;
  strerr_warnw("a worker of uid ", digits[0], what, digits[1]);
}

/* One that was told to end has ended by that or, in its own time, by the end of a question. */
static void worker_ended(struct owner_door *door, int wstat)
{
  door->worker = 0;
  living--;
  if (WIFSIGNALED(wstat) && !door->told) say_how(door, " was killed by signal ", WTERMSIG(wstat));
  if (WIFEXITED(wstat) && WEXITSTATUS(wstat)) say_how(door, " exited ", WEXITSTATUS(wstat));
  is_short = true;
}

static void reap(void)
{
  pid_t pid;
  int wstat;
  while ((pid = wait_nohang(&wstat)) > 0) {
    if (pid == service) service = 0, service_wstat = wstat;
    for (size_t i = 0; i < doors.count; i++)
      if (doors.all[i]->worker == pid) worker_ended(doors.all[i], wstat);
  }
}

static void worker_tell(struct owner_door *door, int64_t now)
{
  if (!door->told) {
    door->told = now;
    kill(door->worker, SIGTERM);
  } else if (now - door->told >= MERCY_MS) kill(door->worker, SIGKILL);
}

static void tell_all(void)
{
  int64_t now = monotonic_ms();
  for (size_t i = 0; i < doors.count; i++)
    if (doors.all[i]->worker) worker_tell(doors.all[i], now);
}

/* ---- who waits ---- */

/* Those who have had their turn are waited for by epoll again. */
static void watch_again(void)
{
  int64_t now = monotonic_ms();
  is_short = false;
  for (size_t i = 0; i < doors.count; i++) {
    struct owner_door *door = doors.all[i];
    if (door->worker || door->is_watched || door->listener == -1) continue;
    if (now - door->started < AGAIN_MS && !door->told) is_short = true;
    else if (!owner_door_watch(&doors, door, true)) is_short = true;
  }
}

/* The one that has been there for longest and was not told yet; those that were and stay are killed in the end. */
static void make_room(void)
{
  struct owner_door *oldest = 0;
  int64_t now = monotonic_ms();
  for (size_t i = 0; i < doors.count; i++) {
    struct owner_door *door = doors.all[i];
    if (!door->worker) continue;
    if (door->told) worker_tell(door, now);
    else if (!oldest || door->started < oldest->started) oldest = door;
  }
  if (oldest) worker_tell(oldest, now);
  is_short = true;
}

static void serve_who_waits(void)
{
  struct epoll_event who[16];
  int n = epoll_wait(doors.epoll, who, sizeof who / sizeof *who, 0);
  for (int i = 0; i < n; i++) {
    if (living == WORKERS_MAX) return make_room();
    worker_start(who[i].data.ptr);
  }
}

/* ---- changes ---- */

/* What a worker may write is settled when it starts. */
static void renew(void)
{
  is_stale = !owner_doors_renew(&doors, site_find()->uid);
  if (is_stale) strerr_warnwusys("make all sockets in ", HOME, "/", USERS_OWNERS);
  tell_all();
}

/* Something in users has changed: perhaps the table. */
static bool is_new_table(void)
{
  static struct stat known;
  struct stat st = { 0 };
  char bytes[4096];
  while (read(changes, bytes, sizeof bytes) > 0);
  stat("users/cdb", &st);
  bool is_new = st.st_ino != known.st_ino || st.st_size != known.st_size || st.st_mtim.tv_sec != known.st_mtim.tv_sec
    || st.st_mtim.tv_nsec != known.st_mtim.tv_nsec;
  known = st;
  return is_new;
}

static bool is_told_to_end(void)
{
  struct signalfd_siginfo s;
  bool end = false;
  while (read(signals, &s, sizeof s) == sizeof s) end = end || s.ssi_signo == SIGTERM;
  return end;
}

/* While all places are taken those who wait are looked at once in a while. */
static void keep(void)
{
  for (;;) {
    struct pollfd x[] = { { signals, POLLIN, 0 }, { changes, POLLIN, 0 }, { doors.epoll, POLLIN, 0 } };
    int r = poll(x, living < WORKERS_MAX || !is_short ? 3 : 2, is_short ? AGAIN_MS : is_stale ? STALE_MS : -1);
    if (x[0].revents) {
      bool end = is_told_to_end();
      reap();
      if (end || !service) return;
    }
    if ((x[1].revents && is_new_table()) || (r == 0 && is_stale)) renew();
    if (is_short) watch_again();
    if (x[2].revents || r == 0) serve_who_waits();
  }
}

/* ---- the beginning and the end ---- */

static void own_signals(void)
{
  static int const ignored[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT };
  sigset_t ours;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  sigemptyset(&ours);
  sigaddset(&ours, SIGTERM);
  sigaddset(&ours, SIGCHLD);
  sigprocmask(SIG_SETMASK, &ours, 0);
  signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals == -1) strerr_diefusys(111, "wait for signals");
}

/* Two descriptors an account. */
static void have_all_files(void)
{
  if (getrlimit(RLIMIT_NOFILE, &files) == -1) strerr_diefusys(111, "know how many files may be open");
  struct rlimit all = { files.rlim_max, files.rlim_max };
  setrlimit(RLIMIT_NOFILE, &all);
}

static void be_the_only_one(void)
{
  int place = open(USERS_OWNERS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place == -1) strerr_diefusys(111, "open ", HOME, "/", USERS_OWNERS);
  if (!lock_try(place)) strerr_dief(111, "another qmail-ownersd is running");
  if (!owner_doors_clear()) strerr_diefusys(111, "empty ", HOME, "/", USERS_OWNERS);
}

static void watch_changes(void)
{
  changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (changes == -1 || inotify_add_watch(changes, "users", IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR) == -1)
    strerr_diefusys(111, "watch ", HOME, "/users");
}

static void end(void)
{
  owner_doors_shut(&doors);
  if (service) kill(service, SIGTERM);
  while (service || living) {
    struct pollfd x = { signals, POLLIN, 0 };
    tell_all();
    poll(&x, 1, AGAIN_MS);
    is_told_to_end();
    reap();
  }
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-ownersd";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() != 0) strerr_dief(100, "only root can start it");
  umask(022);
  enter_home();
  if (!fd_sanitize()) strerr_diefusys(111, "open /dev/null");
  own_signals();
  have_all_files();
  be_the_only_one();
  watch_changes();
  site_find();
  start_service();
  is_new_table();
  renew();
  keep();
  bool was_told = service;
  end();
  return was_told ? 0 : WIFEXITED(service_wstat) ? WEXITSTATUS(service_wstat) : 111;
}
