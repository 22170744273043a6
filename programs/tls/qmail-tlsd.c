/* qmail-tlsd: speak TLS for those programs of ours that read mail, so that none of them has a key in its memory.

   runs as   qmailt, started by its service; never root
   reads     questions on HOME/run/tls/socket (tls_wire.h), from whom SO_PEERCRED names, each with a network connection and
             the end of a socket pair; certificates and keys in HOME/control/tls, the authorities in /etc/ssl/certs,
             HOME/control/concurrencytls once
   changes   HOME/run/tls; relays between each network and its socket pair
   exits     0 after TERM, 111 when the machine fails it. Connections that are under way go on

   The first process has the keys, looks for new ones, and never reads a foreign byte. For each connection it forks a child that
   serves it, with nothing else in its power, and ends with it: what one client sends is never in the memory of
   another's process.
*/

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "certificates.h"
#include "client.h"
#include "confine.h"
#include "connection.h"
#include "control.h"
#include "die.h"
#include "home.h"
#include "monotonic.h"
#include "rehearsal.h"
#include "server.h"
#include "service.h"
#include "tickets.h"
#include "tls_wire.h"

#define SOCKET_LOCK TLS_PLACE "/lock"

enum {
  PLACES_MAX = 5000,
  WAITING_MAX = 256,            /* connections that nobody has taken yet; beyond, who connects waits for a place */
  LOOK_MS = 5000                /* between two looks for new certificates */
};

/* ---- control ---- */

static unsigned long count;

static struct control const controls[] = {
  /* file              kind            goes to  when absent */
  { "concurrencytls",  CONTROL_NUMBER, &count,  "200" },
  { 0 }
};

/* ---- who may ask ---- */

/* Not vpopmail: programs of virtual users run as it, and would serve with the keys of this host. */
static struct { char const *name; unsigned may; uid_t uid; } askers[] = {
  { "root",   MAY_SERVE | MAY_CALL, 0 },
  { "qmaild", MAY_SERVE,            (uid_t)-1 },
  { "qmailr", MAY_CALL,             (uid_t)-1 }
};
enum { ASKERS = sizeof askers / sizeof *askers };

static void know_askers(void)
{
  for (size_t i = 1; i < ASKERS; i++) {
    struct passwd const *pw = getpwnam(askers[i].name);
    if (pw) askers[i].uid = pw->pw_uid;
  }
}

static unsigned may(uid_t uid)
{
  for (size_t i = 0; i < ASKERS; i++)
    if (askers[i].uid == uid) return askers[i].may;
  return 0;
}

/* ---- places ---- */

static struct place { pid_t child; uid_t uid; } *places;

/* One account leaves a quarter to the others: clients of one service cannot take TLS from another. */
static struct place *free_place(uid_t uid)
{
  struct place *found = 0;
  unsigned long same = 0;
  for (unsigned long i = 0; i < count; i++) {
    if (!places[i].child) found = places + i;
    else if (places[i].uid == uid) same++;
  }
  return same < count - count / 4 ? found : 0;
}

static void reap(void)
{
  pid_t pid;
  int wstat;
  while ((pid = wait_nohang(&wstat)) > 0)
    for (unsigned long i = 0; i < count; i++)
      if (places[i].child == pid) places[i].child = 0;
}

/* ---- a child ---- */

static struct service const door = { .path = TLS_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX };
static int listener, only_one;

/* To know a server it reads the authorities, by the names of their keys. */
static struct confine_path const of_children[] = {
  { "/etc/ssl",              CONFINE_READ },
  { "/usr/lib/ssl",          CONFINE_READ },
  { "/usr/share/ca-certificates",       CONFINE_READ },
  { "/usr/local/share/ca-certificates", CONFINE_READ },
  { 0 }
};

static _Noreturn void be_child(int fd, unsigned rights)
{
  close(listener);
  close(only_one);
  signal(SIGTERM, SIG_DFL);
  signal(SIGHUP, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  confine(&(struct confinement){
    .paths = of_children, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_SOCKETS | CONFINE_NO_PROCESSES
  });
  connection_serve(fd, rights);
  _exit(0);
}

static void give_child(int fd, uid_t uid, struct place *place)
{
  pid_t pid = fork();
  if (pid == 0) be_child(fd, may(uid));
  if (pid == -1) {
    strerr_warnwusys("fork");
    connection_refuse(fd, "unable to fork");
    return;
  }
  *place = (struct place){ pid, uid };
}

static void serve(int fd)
{
  uid_t uid;
  if (!service_peer(fd, &uid)) return;
  struct place *place = free_place(uid);
  if (!may(uid)) connection_refuse(fd, "this user may not ask for that");
  else if (!place) connection_refuse(fd, "all places are taken: control/concurrencytls");
  else give_child(fd, uid, place);
}

/* A shortage that may pass must not become a busy loop. */
static void serve_next(void)
{
  int fd = accept4(listener, 0, 0, SOCK_CLOEXEC);
  if (fd == -1) {
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, 0);
    return;
  }
  serve(fd);
  fd_close(fd);
}

/* ---- keys ---- */

/* Where there is a certificate there is this file: servers look for it before they offer TLS. */
static void show_certificates(size_t number)
{
  static size_t shown = (size_t)-1;
  char digits[SIZE_FMT];
  if (number == shown) return;
  digits[size_fmt(digits, number)] = 0;
  if (!number) unlink(TLS_CERTIFICATE);
  else fd_close(open(TLS_CERTIFICATE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  strerr_warni(digits, " certificates in ", HOME, "/", CERTIFICATES_PLACE);
  shown = number;
}

static void look_for_keys(void)
{
  static bool has_rehearsed;
  if (!tickets_turn(monotonic_seconds() + 1)) strerr_warnwu("get random bytes for tickets");
  size_t number = certificates_renew(server_context);
  if (number && !has_rehearsed) rehearse();
  has_rehearsed = has_rehearsed || number;
  show_certificates(number);
}

/* ---- the loop ---- */

static volatile sig_atomic_t has_term, has_hup;

static void on_signal(int sig)
{
  if (sig == SIGTERM) has_term = 1;
  if (sig == SIGHUP) has_hup = 1;
}

/* Signals come while the program waits, and nowhere else. */
static sigset_t awaited;

static void own_signals(void)
{
  static int const caught[] = { SIGTERM, SIGHUP, SIGCHLD }, ignored[] = { SIGPIPE, SIGINT, SIGQUIT, SIGXFSZ, SIGXCPU };
  sigset_t blocked;
  sigemptyset(&awaited);
  sigemptyset(&blocked);
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
    struct sigaction const a = { .sa_handler = on_signal };
    sigaction(caught[i], &a, 0);
    sigaddset(&blocked, caught[i]);
  }
  sigprocmask(SIG_SETMASK, &blocked, 0);
}

static bool somebody_comes(int64_t until)
{
  int64_t left = until - monotonic_ms();
  struct timespec const time = { .tv_sec = left > 0 ? left / 1000 : 0, .tv_nsec = left > 0 ? left % 1000 * 1000000 : 0 };
  struct pollfd x = { .fd = listener, .events = POLLIN };
  return ppoll(&x, 1, &time, &awaited) == 1;
}

static void serve_all(void)
{
  int64_t look = monotonic_ms() + LOOK_MS;
  while (!has_term) {
    if (somebody_comes(look)) serve_next();
    reap();
    if (!has_hup && monotonic_ms() < look) continue;
    has_hup = 0;
    look_for_keys();
    look = monotonic_ms() + LOOK_MS;
  }
}

/* ---- the beginning ---- */

static void read_controls(void)
{
  enter_home();
  control_load_or_die(controls);
  if (count < 4) count = 4;
  if (count > PLACES_MAX) count = PLACES_MAX;
  places = calloc(count, sizeof *places);
  if (!places) die_nomem();
}

/* Certificates may be links to anywhere: modes say what may be read. */
static void give_up_the_rest(void)
{
  static struct confine_path const paths[] = {
    { "/",       CONFINE_READ },
    { TLS_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  confine_or_warn(&(struct confinement){ .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_SOCKETS });
}

/* No other process of the account may look at the keys. */
static void hide_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-tlsd";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: qmailt is the user");
  umask(033);
  own_signals();
  read_controls();
  know_askers();
  only_one = service_be_alone(SOCKET_LOCK);
  hide_memory();
  if (!client_set_up()) die_nomem();
  service_open(&listener, &door, 1, SOCK_NONBLOCK);
  look_for_keys();
  give_up_the_rest();
  service_announce("places", count, &door, 1);
  serve_all();
  unlink(TLS_CERTIFICATE);
  service_end(&door, listener);
  return 0;
}
