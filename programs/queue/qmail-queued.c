/* qmail-queued: what qmail-queue does, without a new process for each message.

   runs as   qmailq, group qmail, started by its service
   reads     requests on HOME/run/queue/socket (queue_wire.h), from any user of this machine, known by SO_PEERCRED;
             HOME/control/queueextra for each message, HOME/control/concurrencyqueue once
   changes   HOME/queue as qmail-queue does, by the same code (acceptance.h); HOME/run/queue
   exits     0 after TERM, when messages in work are finished; 111 when the machine fails it

   The first process only keeps its workers in number and never reads a foreign byte. A worker serves one connection, one
   message, at a time, because fsync waits. It asks the disk for nothing before it has the whole request in its
   memory, so that a client who vanishes, dawdles or talks nonsense costs a bounded time of one worker.
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "acceptance.h"
#include "backlog.h"
#include "confine.h"
#include "control.h"
#include "die.h"
#include "monotonic.h"
#include "queue_wire.h"
#include "service.h"
#include "two_descriptors.h"
#include "workers.h"

#define SOCKET_LOCK "run/queue/lock"

enum {
  WORKERS_MAX = 255,
  WAITING_MAX = 1024,           /* connections that no worker has taken yet; beyond, injectors run qmail-queue */
  REQUEST_SECONDS = 10,         /* for a whole request: its sender had all of it before he came */
  STREAMS_MAX = 255,            /* messages that come as their senders have them, each to a process of its own */
  STREAM_SECONDS = 86400        /* for each, as long as qmail-queue may live */
};

/* Numbers no pid can have, so that a qp of ours is never that of a qmail-queue at work. */
enum { QP_FIRST = 1 << 22, QP_AFTER = 1 << 30, QP_A_SECOND = 1000 };

/* ---- control ---- */

static unsigned long count;

static struct control const controls[] = {
  /* file                kind            goes to    when absent */
  { "concurrencyqueue",  CONTROL_NUMBER, &count,    "20" },
  { 0 }
};

/* ---- what all processes share ---- */

static _Atomic uint64_t *numbers;

static uint64_t next_qp(void)
{
  return QP_FIRST + (*numbers)++ % (QP_AFTER - QP_FIRST);
}

/* Begins where the clock stands: a restart does not hand out the numbers of a minute ago again. */
static void share(void)
{
  numbers = mmap(0, sizeof *numbers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (numbers == MAP_FAILED) die_nomem();
  *numbers = (uint64_t)time(0) * QP_A_SECOND;
}

/* ---- a worker: one connection ---- */

static char request[QUEUE_REQUEST_MAX];

/* QUEUE_EXIT_ACCEPTED when all has come, else why not. */
static int receive(int fd, char *to, size_t len, int64_t deadline)
{
  static int const codes[] = {
    [SERVICE_RECEIVED] = QUEUE_EXIT_ACCEPTED, [SERVICE_GONE] = QUEUE_EXIT_CANNOT_READ, [SERVICE_LATE] = QUEUE_EXIT_TIMEOUT
  };
  return codes[service_receive(fd, to, len, deadline)];
}

static int receive_request(int fd, struct queue_request *lengths)
{
  char packed[QUEUE_REQUEST];
  int64_t deadline = monotonic_ms() + REQUEST_SECONDS * 1000L;
  int code = receive(fd, packed, sizeof packed, deadline);
  if (code) return code;
  if (!queue_request_unpack(lengths, packed)) return QUEUE_EXIT_MALFORMED;
  if (queue_request_is_stream(lengths)) return QUEUE_EXIT_ACCEPTED;
  return receive(fd, request, (size_t)lengths->message_len + lengths->envelope_len, deadline);
}

static void wait_us(unsigned us)
{
  if (us) nanosleep(&(struct timespec){ .tv_nsec = us * 1000L }, 0);
}

static int put_into_queue(struct queue_request const *lengths, uid_t caller, uint64_t qp)
{
  static struct acceptance a = ACCEPTANCE_ZERO;
  a.writer.uses_again = true;
  int code = acceptance_begin(&a, caller, qp);
  if (acceptance_is_from_network(caller)) wait_us(backlog_delay_us());
  if (!code) code = acceptance_message(&a, request, lengths->message_len);
  if (!code) code = acceptance_envelope(&a, request + lengths->message_len, lengths->envelope_len);
  if (!code && !a.complete) code = QUEUE_EXIT_CANNOT_READ;
  if (!code) code = acceptance_commit(&a);
  acceptance_drop(&a);
  return code;
}

/* ---- a worker: a stream ---- */

static struct seat *streams;
static int listener, only_one;

/* Of one who was killed, the place is free. */
static bool is_vacant(struct seat const *seat)
{
  return !seat->taken || (seat->worker && kill(seat->worker, 0) == -1 && errno == ESRCH);
}

/* Two workers may choose the same one: then one more comes in than there are places. */
static struct seat *place_for(uid_t caller, bool by_us)
{
  for (size_t i = 0; i < STREAMS_MAX; i++) {
    if (!is_vacant(streams + i)) continue;
    streams[i].worker = 0;
    return seat_take(streams, STREAMS_MAX, i, caller, by_us) ? streams + i : 0;
  }
  return 0;
}

static bool take_descriptors(int fd, int descriptors[2])
{
  char byte;
  return service_comes(fd, monotonic_ms() + REQUEST_SECONDS * 1000L) && two_descriptors_take(fd, &byte, 1, descriptors);
}

/* As qmail-queue it ends by itself alone, also when the service does. */
static _Noreturn void be_stream(int fd, int const descriptors[2], uid_t caller, uint64_t qp, struct seat *place)
{
  static struct acceptance a = ACCEPTANCE_ZERO;
  close(listener);
  alarm(STREAM_SECONDS);
  int code = acceptance_begin(&a, caller, qp);
  if (!code) code = acceptance_read_message(&a, descriptors[0]);
  if (!code) code = acceptance_read_envelope(&a, descriptors[1]);
  alarm(0);
  if (!code) code = acceptance_commit(&a);
  acceptance_drop(&a);
  service_say(fd, (char const []){ (char)code }, 1);
  seat_leave(place);
  _exit(0);
}

static void give_stream(int fd, uid_t caller, uint64_t qp, bool by_us)
{
  int descriptors[2];
  struct seat *place = place_for(caller, by_us);
  bool taken = place && take_descriptors(fd, descriptors);
  pid_t pid = taken ? fork() : -1;
  if (pid == 0) be_stream(fd, descriptors, caller, qp, place);
  if (pid > 0) place->worker = pid;
  else {
    service_say(fd, (char const []){ QUEUE_EXIT_NO_MEMORY }, 1);
    if (place) seat_leave(place);
  }
  if (taken) close(descriptors[0]), close(descriptors[1]);
}

/* ---- a worker: one client ---- */

static bool say_hello(int fd, uint64_t qp)
{
  char hello[QUEUE_HELLO];
  queue_hello_pack(hello, qp);
  return service_say(fd, hello, sizeof hello);
}

static void take_one(int fd, uid_t caller, bool by_us)
{
  struct queue_request lengths;
  uint64_t qp = next_qp();
  if (!say_hello(fd, qp)) return;
  int code = receive_request(fd, &lengths);
  if (!code && queue_request_is_stream(&lengths)) {
    give_stream(fd, caller, qp, by_us);
    return;
  }
  if (!code) code = put_into_queue(&lengths, caller, qp);
  service_say(fd, (char const []){ (char)code }, 1);
}

/* ---- the workers ---- */

static struct workers workers;

static void serve(int fd, size_t mine)
{
  uid_t caller;
  if (!service_peer(fd, &caller)) return;
  bool by_us = caller == 0 || acceptance_is_by_us(caller);
  if (!seat_take(workers.seats, workers.count, mine, caller, by_us)) {
    say_hello(fd, 0);
    return;
  }
  take_one(fd, caller, by_us);
  seat_leave(workers.seats + mine);
}

/* Anybody may connect. TERM ends a worker between two clients: who was accepted in that instant has heard nothing from us,
   and goes to qmail-queue. */
static struct service const door = {
  .path = QUEUE_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX
};

/* Nobody asks how a stream has ended. */
static int begin(size_t mine)
{
  (void)mine;
  signal(SIGCHLD, SIG_IGN);
  close(only_one);
  return listener;
}

/* ---- the beginning ---- */

/* All below HOME, where modes say what is ours: somebody may mount or restore a queue there under our feet. */
static struct confine_path const paths[] = {
  { ".",        CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
  { "queue",    CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
  { "control",  CONFINE_READ | CONFINE_LINKS },
  { 0 }
};
static struct confinement const confinement = {
  .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_SOCKETS
};

static void read_controls(void)
{
  enter_home();
  control_load_or_die(controls);
  if (count < 1) count = 1;
  if (count > WORKERS_MAX) count = WORKERS_MAX;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-queued";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: qmailq is the user");
  umask(033);
  workers_own_signals();
  read_controls();
  acceptance_know_callers();
  only_one = service_be_alone(SOCKET_LOCK);
  share();
  streams = workers_seats(STREAMS_MAX);
  service_open(&listener, &door, 1, 0);
  confine_or_warn(&confinement);
  workers = (struct workers){ .seats = workers_seats(count), .count = count, .begin = begin, .serve = serve };
  workers_serve(&workers, count, &listener, &door, 1);
  return 0;
}
