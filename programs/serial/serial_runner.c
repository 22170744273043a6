#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "lock.h"
#include "monotonic.h"
#include "qmtp.h"
#include "serial_runner.h"
#include "serial_site.h"
#include "serial_turn.h"
#include "service.h"
#include "text.h"

#define RELAYHOST "RELAYHOST"
#define LIFETIME "1209600"        /* two weeks, as maildirsmtp has it */

enum {
  TROUBLE = 111,
  LINE_MAX_BYTES = 8192,
  CLIENT_IN = 6, CLIENT_OUT = 7,            /* descriptors of what maildirserial runs */
  ABOVE = 16,                               /* this one is none of those */
  LOOK_AGAIN = 20000000                     /* nanoseconds */
};

static char const *site_name;
static pid_t child;

static _Noreturn void die_of(char const *what)
{
  strerr_diefusys(TROUBLE, "send mail of ", site_name, ": ", what);
}

/* From here on this process can do no more than he whose mail it is. False when what waits cannot be counted. */
static bool enter(char const *name, struct serial_waiting *w)
{
  struct serial_site site;
  char const *fault = serial_site_open(&site, name);
  if (fault) strerr_dief(TROUBLE, SERIAL_SITES "/", name, ": ", fault);
  if (!become(site.uid, site.gid)) die_of("unable to become its owner");
  if (fchdir(site.dir) == -1) die_of("unable to enter it");
  bool counted = serial_site_look(w, &site, 1);
  serial_site_close(&site);
  return counted;
}

/* The lock ends with this process and its children. -1: somebody else has it. */
static int locked_relayhost(void)
{
  int fd = open(RELAYHOST, O_RDONLY | O_NONBLOCK);
  if (fd == -1) die_of(RELAYHOST);
  int above = fcntl(fd, F_DUPFD, ABOVE);
  fd_close(fd);
  if (above == -1) die_of(RELAYHOST);
  if (lock_try(above)) return above;
  if (errno != EWOULDBLOCK) die_of("unable to lock " RELAYHOST);
  fd_close(above);
  return -1;
}

/* ---- what is run ---- */

static char const *string(stralloc *to, char const *a, char const *b)
{
  text_set(to, a);
  text_add(to, b);
  return text_z(to);
}

static _Noreturn void be(char const *const *argv)
{
  execvp(argv[0], (char *const *)argv);
  die_of("unable to run maildirserial");
}

static _Noreturn void be_maildirserial(char const *relay, unsigned port, char const *helohost)
{
  stralloc own = STRALLOC_ZERO, number = STRALLOC_ZERO;
  char const *prefix = string(&own, site_name, "-");
  bool qmtp = port == QMTP_PORT;
  text_addu(&number, port);
  be((char const *const []){
    "maildirserial", "-b", "-t" LIFETIME, "--", "Maildir", prefix, "tcpclient", "-RHl0", "--", relay, text_z(&number),
    qmtp ? "serialqmtp" : "serialsmtp", prefix, qmtp ? 0 : helohost, 0
  });
}

static _Noreturn void be_turned_maildirserial(char const *helohost, unsigned how, int const network[2])
{
  static char const *const options[] = { "--", [SERIAL_GOES_ON] = "-c", [SERIAL_KEEPS] = "-k", [SERIAL_GOES_ON | SERIAL_KEEPS] = "-ck" };
  stralloc own = STRALLOC_ZERO;
  char const *prefix = string(&own, site_name, "-");
  if (dup2(network[0], CLIENT_IN) == -1 || dup2(network[1], CLIENT_OUT) == -1) die_of("unable to set up descriptors");
  be((char const *const []){
    "maildirserial", "-1", "-b", "-t" LIFETIME, "--", "Maildir", prefix, "serialsmtp",
    options[how & (SERIAL_GOES_ON | SERIAL_KEEPS)], prefix, helohost, 0
  });
}

/* ---- its log ---- */

/* Whole lines: other hosts write to the same log. */
static void log_lines(int from)
{
  char space[4096];
  buffer in = BUFFER_INIT(&buffer_read, from, space, sizeof space);
  stralloc line = STRALLOC_ZERO;
  for (int r = 1; r > 0;) {
    text_set(&line, site_name);
    text_add(&line, ": ");
    size_t head = line.len;
    r = skagetln(&in, &line, '\n');
    if (line.len == head) break;
    if (line.len > LINE_MAX_BYTES) line.len = LINE_MAX_BYTES;
    if (line.s[line.len - 1] != '\n') text_add(&line, "\n");
    allwrite(2, line.s, line.len);
  }
}

/* Runs in a child whose descriptors 1 and 2 are the log. */
static bool is_child(int *log)
{
  int said[2];
  if (pipecoe(said) == -1) die_of("unable to create a pipe");
  child = fork();
  if (child == -1) die_of("unable to fork");
  if (child == 0 && (fd_move(2, said[1]) == -1 || fd_copy(1, 2) == -1)) die_of("unable to set up descriptors");
  if (child) fd_close(said[1]);
  *log = said[0];
  return child == 0;
}

static _Noreturn void end_as_it_does(int log)
{
  int wstat;
  log_lines(log);
  _exit(wait_pid(child, &wstat) != -1 && WIFEXITED(wstat) ? WEXITSTATUS(wstat) : TROUBLE);
}

void serial_runner(char const *name, char const *helohost)
{
  struct serial_waiting w;
  stralloc relay = STRALLOC_ZERO;
  unsigned port;
  int log;
  site_name = name;
  enter(name, &w);
  int fd = locked_relayhost();
  if (fd == -1) _exit(0);
  if (!serial_site_relay(&relay, &port, fd, name)) die_of(RELAYHOST);
  if (is_child(&log)) be_maildirserial(relay.s, port, helohost);
  end_as_it_does(log);
}

/* ---- over a connection that is there ---- */

static void say(int door, enum serial_found found)
{
  service_say(door, (char const []){ (char)found }, 1);
}

static unsigned hear(int door)
{
  char how;
  if (service_receive(door, &how, 1, monotonic_ms() + 1000 * (int64_t)SERIAL_TURN_SECONDS_MAX) != SERVICE_RECEIVED) _exit(0);
  return (unsigned char)how;
}

/* What was there when he called goes: maildirserial leaves what is of this very second. */
static void wait_for_the_next_second(void)
{
  for (time_t now = time(0); time(0) == now;) nanosleep(&(struct timespec){ .tv_nsec = LOOK_AGAIN }, 0);
}

void serial_runner_turned(char const *name, char const *helohost, int door, int const network[2])
{
  struct serial_waiting w;
  int log;
  site_name = name;
  bool counted = enter(name, &w);
  if (!counted) die_of("unable to look into Maildir");
  if (locked_relayhost() == -1) say(door, SERIAL_BUSY), _exit(0);
  if (!w.messages) say(door, SERIAL_EMPTY), _exit(0);
  say(door, SERIAL_MAIL);
  unsigned how = hear(door);
  wait_for_the_next_second();
  if (is_child(&log)) be_turned_maildirserial(helohost, how, network);
  end_as_it_does(log);
}
