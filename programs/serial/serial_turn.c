#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "log_text.h"
#include "monotonic.h"
#include "serial_runner.h"
#include "serial_site.h"
#include "serial_turn.h"
#include "service.h"
#include "text.h"
#include "turn_places.h"
#include "turn_wire.h"
#include "two_descriptors.h"

enum {
  TROUBLE = 111,
  QUESTION_MS = 2000,           /* for a whole question: who asks had all of it before he came */
  LOOK_MS = 10000,              /* for each directory to be looked into */
  ABOVE = 16                    /* no descriptor of the network's is one of those that programs are given */
};

/* ---- who asks, and for what ---- */

static struct {
  int control, network[2];
  int64_t deadline;             /* of all of it */
  struct turn turn;
  char bytes[TURN_QUESTION_MAX];
} asked;

static bool receive(void)
{
  int64_t deadline = monotonic_ms() + QUESTION_MS;
  if (!service_comes(asked.control, deadline)) return false;
  size_t len = two_descriptors_take(asked.control, asked.bytes, sizeof asked.bytes, asked.network);
  while (len) {
    long n = turn_question_unpack(&asked.turn, asked.bytes, len);
    if (n) return n > 0 && (size_t)n == len;
    if (!service_comes(asked.control, deadline) || !service_take(asked.control, asked.bytes, sizeof asked.bytes, &len)) return false;
  }
  return false;
}

static bool move_network(void)
{
  for (size_t i = 0; i < 2; i++) {
    int fd = fcntl(asked.network[i], F_DUPFD_CLOEXEC, ABOVE);
    if (fd == -1) return false;
    close(asked.network[i]);
    asked.network[i] = fd;
  }
  return true;
}

static void tell(char const *what, char const *more)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, "turn ");
  while (!log_text(&line, asked.turn.login.s, asked.turn.login.len, TURN_LOGIN_MAX)) memory_gone();
  text_add(&line, " at ");
  text_addb(&line, asked.turn.client.s, asked.turn.client.len);
  text_add(&line, ": ");
  text_add(&line, what);
  text_add(&line, more);
  text_add(&line, "\n");
  allwrite(2, line.s, line.len);
  stralloc_free(&line);
}

static _Noreturn void refuse(enum turn_said said, char const *why, char const *more)
{
  tell(why, more);
  service_say(asked.control, (char const []){ (char)said }, 1);
  _exit(0);
}

/* ---- where it waits ---- */

static struct nameset lines = NAMESET_ZERO, tlspolicy = NAMESET_ZERO;
static struct control const controls[] = {
  /* file        kind          goes to      when absent */
  { "atrn",      CONTROL_MAP,  &lines,      0 },
  { "tlspolicy", CONTROL_MAP,  &tlspolicy,  0 },
  { 0 }
};

static void find_places(stralloc *hosts)
{
  char const *culprit;
  struct field words = { "", 0 };
  if (!control_load(controls, &culprit)) refuse(TURN_TROUBLE, "unable to read ", culprit);
  if (nameset_find(&lines, asked.turn.login.s, asked.turn.login.len, &words) < 1) refuse(TURN_REFUSED, "no line of control/atrn is his", "");
  int r = turn_places(hosts, words, asked.turn.domains);
  if (r == -1) refuse(TURN_TROUBLE, "out of memory", "");
  if (r == 0) refuse(TURN_REFUSED, "control/atrn gives him not all that he asks for", "");
  if (turn_places_count(hosts) > TURN_PLACES_MAX)
    refuse(TURN_REFUSED, "more than 100 directories at once: he has to name the domains, or control/atrn to give them to several logins", "");
}

static void check_secrecy(char const *host)
{
  if (!asked.turn.secret && serial_site_refusal(&tlspolicy, host)) refuse(TURN_REFUSED, "control/tlspolicy asks for TLS for ", host);
}

/* ---- one process for each place ---- */

static struct place { char const *host; pid_t pid; int door; enum serial_found found; } places[TURN_PLACES_MAX];
static size_t count;

static void start(char const *host, char const *helohost)
{
  int pair[2];
  struct place *p = places + count;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1 || (p->pid = fork()) == -1) refuse(TURN_TROUBLE, "unable to start a process", "");
  if (p->pid == 0) {
    for (size_t i = 0; i < count; i++) close(places[i].door);
    close(pair[0]);
    close(asked.control);
    serial_runner_turned(host, helohost, pair[1], asked.network);
  }
  close(pair[1]);
  p->host = host;
  p->door = pair[0];
  count++;
}

/* Who dies instead has said why. */
static void hear(struct place *p)
{
  char found;
  bool heard = service_receive(p->door, &found, 1, monotonic_ms() + LOOK_MS) == SERVICE_RECEIVED;
  p->found = heard ? (enum serial_found)found : SERIAL_TROUBLE;
  if (p->found == SERIAL_TROUBLE) refuse(TURN_TROUBLE, "unable to look into ", p->host);
  if (p->found == SERIAL_BUSY) refuse(TURN_TROUBLE, "mail is on its way by another connection from ", p->host);
}

/* Of all the processes of this turn. */
static _Noreturn void end_late(void)
{
  tell("it has taken longer than control/timeoutodmr says: what is left waits for the next call", "");
  kill(0, SIGTERM);
  _exit(0);
}

/* It says nothing more: its door closes when it ends. */
static void wait_until_it_ends(struct place const *p)
{
  char byte;
  if (service_receive(p->door, &byte, 1, asked.deadline) == SERVICE_LATE) end_late();
}

/* Whether the connection is good for more. */
static bool send_from(struct place *p, unsigned how)
{
  int wstat;
  tell("sends what waits in " SERIAL_SITES "/", p->host);
  if (!service_say(p->door, (char const []){ (char)how }, 1)) return false;
  wait_until_it_ends(p);
  return wait_pid(p->pid, &wstat) != -1 && WIFEXITED(wstat) && (WEXITSTATUS(wstat) == SERIAL_RUN_DONE || WEXITSTATUS(wstat) == SERIAL_RUN_LEFT);
}

static size_t last_with_mail(void)
{
  size_t last = count;
  for (size_t i = 0; i < count; i++)
    if (places[i].found == SERIAL_MAIL) last = i;
  return last;
}

static void send_all(size_t last)
{
  unsigned how = 0;
  for (size_t i = 0; i <= last; i++) {
    if (places[i].found != SERIAL_MAIL) continue;
    if (!send_from(places + i, how | (i < last ? SERIAL_KEEPS : 0))) {
      tell("the connection ended too early", "");
      return;
    }
    how = SERIAL_GOES_ON;
  }
  tell("done", "");
}

static void set_environment(void)
{
  stralloc ip = STRALLOC_ZERO;
  text_setb(&ip, asked.turn.client.s, asked.turn.client.len);
  if (!ip.len) unsetenv("TCPREMOTEIP");
  else if (setenv("TCPREMOTEIP", text_z(&ip), 1) == -1) refuse(TURN_TROUBLE, "out of memory", "");
  stralloc_free(&ip);
}

void serial_turn(int control, char const *helohost, unsigned seconds)
{
  stralloc hosts = STRALLOC_ZERO;
  asked.control = control;
  asked.deadline = monotonic_ms() + 1000 * (int64_t)seconds;
  if (!receive() || !move_network()) {
    service_say(control, (char const []){ TURN_TROUBLE }, 1);
    strerr_dief(TROUBLE, "unable to read the question of who calls");
  }
  find_places(&hosts);
  for (size_t at = 0; at < hosts.len; at += strlen(hosts.s + at) + 1) check_secrecy(hosts.s + at);
  set_environment();
  for (size_t at = 0; at < hosts.len; at += strlen(hosts.s + at) + 1) start(hosts.s + at, helohost);
  for (size_t i = 0; i < count; i++) hear(places + i);
  size_t last = last_with_mail();
  if (last == count) refuse(TURN_NO_MAIL, "no mail waits", "");
  if (!service_say(control, (char const []){ TURN_GO }, 1)) _exit(TROUBLE);
  send_all(last);
  _exit(0);
}
