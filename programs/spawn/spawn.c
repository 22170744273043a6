#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/uint16.h>

#include "accounts.h"
#include "agent_pool.h"
#include "bytes.h"
#include "control.h"
#include "home.h"
#include "mark.h"
#include "monotonic.h"
#include "patience.h"
#include "queue_message.h"
#include "queue_path.h"
#include "spawn.h"

enum {
  MESSID_MAX = 100,                /* bytes of a message's name */
  MEMORY_EACH = 1 << 20,           /* bytes of a message that is copied into memory, not to disk */
  MEMORY_ALL = 64 << 20,           /* the same for all running deliveries together */
  RESORT_EACH = 32 << 20,          /* the same when no disk takes it */
  RESORT_ALL = 128 << 20,
  REPORTS_UNSENT = 1 << 20,        /* bytes of unsent reports above which no new command is read */
  SLOTS = WIRE_SLOTS_MAX + WIRE_QUESTIONS_MAX,
  DESCRIPTORS = SLOTS + 64,               /* without agents */
  DESCRIPTORS_EACH = 3,                   /* of an agent, at most */
  WATCHED_MAX = 12,
  AGENT_SECONDS_MAX = 3600,
  QUESTION_SECONDS = 60,                  /* whoever asked goes on without an answer then */
  FEW = 2,                                /* deliveries under way; of more, some share a commit anyhow */
  WORDS_MAX = 3,                          /* of an agent in its life before its first answer is heard */
  BEYOND_STANDARD = 3,                    /* the first descriptor that is none of the standard ones */
  CRASHED = 9                             /* the wait status of what a signal ended */
};

/* Where messages too large for memory are copied. The first is a place that only the mail system fills; anybody can fill
   the second. */
static char const *const copies_on_disk[] = { QUEUE_COPIES, "/var/tmp", 0 };

/* What qmail-send is told when a delivery cannot even begin: letter, then text. Queue reference section 10. */
static char const slot_too_big[] = "ZInternal error: delnum too big. (#4.3.5)\n";
static char const slot_in_use[] = "ZInternal error: delnum in use. (#4.3.5)\n";
static char const messid_nonnumeric[] = "DInternal error: messid has nonnumerics. (#5.3.5)\n";
static char const messid_too_long[] = "DInternal error: messid too long. (#5.3.5)\n";
static char const messid_too_short[] = "DInternal error: messid too short. (#5.3.5)\n";
static char const no_host[] = "DSorry, address must include host name. (#5.1.3)\n";
static char const cannot_open[] = "Zqmail-spawn unable to open message. (#4.3.0)\n";
static char const cannot_stat[] = "Zqmail-spawn unable to fstat message. (#4.3.0)\n";
static char const cannot_copy[] = "Zqmail-spawn unable to copy message. (#4.3.0)\n";
static char const wrong_type[] = "ZSorry, message has wrong type. (#4.3.5)\n";
static char const wrong_owner[] = "ZSorry, message has wrong owner. (#4.3.5)\n";
static char const no_pipe[] = "Zqmail-spawn unable to create pipe. (#4.3.0)\n";
static char const no_fork[] = "Zqmail-spawn unable to fork. (#4.3.0)\n";
static char const took_too_long[] = "ZThe delivery took too long, so it was ended (control/timeoutlocal). (#4.3.0)\n";
static char const stopped[] = "EThe delivery had not ended when mail delivery was stopped. (#4.3.0)\n";
static char const no_memory[] = "Zqmail-spawn out of memory. (#4.3.0)\n";

struct delivery {
  pid_t pid;                       /* 0 when reaped, or when its agent has answered */
  int wstat;
  int output_fd;                   /* -1 when the output has ended */
  bool cut;                        /* the child said more than is kept */
  bool unanswered;                 /* its agent is gone, or is to go, without having answered */
  size_t in_memory;                /* bytes of MEMORY_ALL that are its */
  stralloc output;
  stralloc bytes;                  /* of the command */
  int64_t begun;                   /* microseconds */
  int64_t end;                     /* then the next step to its end by force is due, milliseconds */
  size_t steps;                    /* of those that were taken */
  char const *because;             /* of them: the report, letter and text */
  uint32_t patience_us;
  struct wire_command command;     /* its texts lie in bytes */
};

static struct spawner const *spawner;
static uid_t message_owner;
static struct rlimit descriptors_before;
static int signals;                /* readable when a child has ended */

static struct delivery *running[SLOTS];
static size_t running_count;
static bool slot_busy[SLOTS];
static size_t memory_used;
static struct copying {
  bool failed;
  uint32_t resort;                 /* bytes of RESORT_ALL that are its */
} *copying;                        /* by slot, shared with children until they exec */

static char block[65536];

static char commands[WIRE_COMMAND_MAX + 65536];
static size_t commands_len;
static bool commands_ended, commands_broken;

static stralloc reports = STRALLOC_ZERO;
static size_t reports_sent;
static bool reports_unwanted;      /* qmail-send is gone */

static struct patience patience;
static unsigned long agentseconds, agentlimit, concurrencylocal;
static unsigned long timeoutlocal = 14400;  /* also where the control files cannot be read */

static struct agent_pool pool;
static bool agents_wanted;
static unsigned generation;        /* of the watched files */
static int offered_fd = -1;        /* in a child: what spawn_offer is about */
static struct stat program;        /* the file that is executed */
static bool program_ours;

static unsigned long at_most(unsigned long n, unsigned long most)
{
  return n < most ? n : most;
}

static void drop(int *fd)
{
  if (*fd != -1) close(*fd);
  *fd = -1;
}

/* ---- reports ---- */

static bool reports_waiting(void)
{
  return reports.len > reports_sent;
}

/* A lost report would keep its slot busy for ever: only a broken pipe says that nobody waits for it. */
static void reports_flush(void)
{
  while (reports_waiting() && !reports_unwanted) {
    ssize_t r = write(1, reports.s + reports_sent, reports.len - reports_sent);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1 && errno == EPIPE) reports_unwanted = true;
    else if (r == -1 && errno != EAGAIN) sleep(1);
    if (r <= 0) break;
    reports_sent += (size_t)r;
  }
  if (reports_unwanted) reports_sent = reports.len;
  memmove(reports.s, reports.s + reports_sent, reports.len - reports_sent);
  reports.len -= reports_sent;
  reports_sent = 0;
}

/* For the same reason want of memory is waited out. */
void spawn_report_in_full(struct wire_command const *command, size_t i, struct wire_report report)
{
  size_t before = reports.len;
  report.slot = command->recipients[i].slot;
  while (!wire_report_pack(&reports, &report)) {
    reports.len = before;
    sleep(1);
  }
}

void spawn_report(struct wire_command const *command, size_t i, char letter, char const *text, size_t len)
{
  spawn_report_in_full(command, i, (struct wire_report){
    .letter = letter, .outcome = WIRE_UNKNOWN, .text = text, .len = len
  });
}

static void report_text(struct wire_command const *command, size_t i, char const *letter_and_text)
{
  spawn_report(command, i, letter_and_text[0], letter_and_text + 1, strlen(letter_and_text) - 1);
}

static void report_all(struct wire_command const *command, char const *letter_and_text)
{
  for (size_t i = 0; i < command->count; i++) report_text(command, i, letter_and_text);
}

/* ---- what must be right before a child is started ---- */

static char const *messid_problem(char const *messid)
{
  size_t len = strlen(messid);
  if (!len) return messid_too_short;
  if (len > MESSID_MAX) return messid_too_long;
  if (messid[0] == '/' || strspn(messid, "0123456789/") < len) return messid_nonnumeric;
  return 0;
}

/* It is carried as a delivery of an empty message. */
static bool is_question(struct wire_command const *c)
{
  return !*c->messid && c->recipients[0].slot >= WIRE_SLOTS_MAX;
}

static char const *recipient_problem(struct wire_recipient const *r, unsigned slots)
{
  if (r->slot >= slots) return slot_too_big;
  if (slot_busy[r->slot]) return slot_in_use;
  if (!strchr(r->address, '@')) return no_host;
  return 0;
}

/* Recipients that cannot be served are answered at once and leave the command; the others get their slots. */
static void sift(struct wire_command *c)
{
  size_t kept = 0;
  unsigned slots = is_question(c) ? SLOTS : WIRE_SLOTS_MAX;
  for (size_t i = 0; i < c->count; i++) {
    char const *problem = recipient_problem(c->recipients + i, slots);
    if (problem) {
      report_text(c, i, problem);
    } else {
      slot_busy[c->recipients[i].slot] = true;
      c->recipients[kept++] = c->recipients[i];
    }
  }
  c->count = kept;
}

static char const *file_problem(struct queue_message *m)
{
  struct stat st;
  if (fstat(m->fd, &st) == -1) return cannot_stat;
  if (!S_ISREG(st.st_mode)) return wrong_type;
  if (st.st_uid != message_owner) return wrong_owner;
  enum queue_read_result r = queue_message_footer(m);
  return r == QUEUE_READ ? 0 : r == QUEUE_BROKEN ? wrong_type : cannot_stat;
}

static char const *message_open(struct queue_message *m, char const *messid)
{
  char const *problem = messid_problem(messid);
  if (problem) return problem;
  m->fd = open(messid, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (m->fd == -1) return cannot_open;
  problem = file_problem(m);
  if (problem) queue_message_close(m);
  return problem;
}

/* ---- the child ---- */

static int new_in_memory(void)
{
  return memfd_create("message", MFD_CLOEXEC);
}

/* O_EXCL: nobody gives the file a name, to keep it. */
static int new_on_disk(char const *dir)
{
  return open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
}

static bool copy(int to, struct queue_message const *m)
{
  ssize_t r;
  for (uint64_t at = 0; at < m->message_len; at += (uint64_t)r) {
    uint64_t left = m->message_len - at;
    r = pread(m->fd, block, left < sizeof block ? (size_t)left : sizeof block, (off_t)at);
    if (r <= 0 || pwrite(to, block, (size_t)r, (off_t)at) != r) return false;
  }
  return true;
}

/* The same file again, at its start and for reading only: programs of a user may read it by name
   (/dev/stdin) but not change what the next line of his .qmail will see. Mode 0444 is as necessary for that
   as the new descriptor. */
static int reopened_for_reading(int fd)
{
  char path[40];
  if (fchmod(fd, 0444) == -1) return -1;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return open(path, O_RDONLY | O_CLOEXEC);
}

/* -1 when it has no room there; the file is closed. */
static int copied(int fd, struct queue_message const *m)
{
  if (fd == -1) return -1;
  int alone = copy(fd, m) ? reopened_for_reading(fd) : -1;
  close(fd);
  return alone;
}

/* Two that ask at once may both hear "no", but never too many "yes". */
static bool may_resort(size_t slot, uint64_t len)
{
  uint64_t all = 0;
  if (len > RESORT_EACH) return false;
  copying[slot].resort = (uint32_t)len;
  for (size_t i = 0; i < SLOTS; i++) all += copying[i].resort;
  if (all > RESORT_ALL) copying[slot].resort = 0;
  return all <= RESORT_ALL;
}

/* The mess file also holds envelope and footer, which are nobody's business: the message is copied out. */
static int message_alone(struct queue_message const *m, size_t slot, bool in_memory)
{
  if (in_memory) return copied(new_in_memory(), m);
  for (char const *const *dir = copies_on_disk; *dir; dir++) {
    int fd = copied(new_on_disk(*dir), m);
    if (fd != -1) return fd;
  }
  return may_resort(slot, m->message_len) ? copied(new_in_memory(), m) : -1;
}

static bool fits_in_memory(struct delivery const *d, struct queue_message const *m)
{
  return d->in_memory > 0 || !m->message_len;
}

void spawn_offer(char const *about, size_t len)
{
  agent_offer(offered_fd, about, len, &program);
}

/* Neither a delivery nor whom it asks sees anything of another one: all is closed here, before the child is somebody
   else, but for its own end of a pair. */
static void keep_only(int fd)
{
  offered_fd = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, BEYOND_STANDARD);
  if (offered_fd > BEYOND_STANDARD) close_range(BEYOND_STANDARD, (unsigned)offered_fd - 1, 0);
  close_range(offered_fd == -1 ? BEYOND_STANDARD : (unsigned)offered_fd + 1, UINT_MAX, 0);
}

static _Noreturn void be_child(struct delivery const *d, struct queue_message const *m, int output, int offer)
{
  size_t slot = d->command.recipients[0].slot;
  int message = message_alone(m, slot, fits_in_memory(d, m));
  selfpipe_finish();
  setpgid(0, 0);
  setrlimit(RLIMIT_NOFILE, &descriptors_before);
  if (message == -1 || dup2(message, 0) == -1 || dup2(output, 1) == -1 || dup2(output, 2) == -1) {
    copying[slot].failed = true;
    _exit(111);
  }
  keep_only(offer);
  spawner->become_delivery(&d->command);
  _exit(111);
}

/* ---- what a child says ---- */

static void keep_output(struct delivery *d, char const *s, size_t len)
{
  size_t room = spawner->output_max - d->output.len;
  if (len > room) d->cut = true;
  if (!bytes_addb(&d->output, s, len < room ? len : room)) d->cut = true;
}

/* As much as a pipe holds. */
static void read_output(struct delivery *d)
{
  ssize_t r = read(d->output_fd, block, sizeof block);
  if (r == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (r > 0) {
    keep_output(d, block, (size_t)r);
    return;
  }
  drop(&d->output_fd);
}

/* Of one that is made to end nothing more is awaited: what holds its output may be anything. */
static void ended(struct delivery *d, int wstat)
{
  d->pid = 0;
  d->wstat = wstat;
  if (d->steps) drop(&d->output_fd);
}

/* ---- agents ---- */

struct stamp { dev_t dev; ino_t ino; off_t size; struct timespec changed, modified; };

/* All zero when there is no such file. */
static struct stamp stamp_of(struct stat const *st)
{
  struct stamp s;
  memset(&s, 0, sizeof s);
  s.dev = st->st_dev;
  s.ino = st->st_ino;
  s.size = st->st_size;
  s.changed = st->st_ctim;
  s.modified = st->st_mtim;
  return s;
}

static bool stamp_anew(struct stamp *old, char const *path, struct stat *st)
{
  if (!path || stat(path, st) == -1) memset(st, 0, sizeof *st);
  struct stamp now = stamp_of(st);
  bool same = !memcmp(old, &now, sizeof now);
  *old = now;
  return same;
}

/* Whoever changes a program, an account or a control file need not tell us. */
static void look_around(void)
{
  static struct stamp stamps[WATCHED_MAX + 1];
  struct stat st;
  bool same = stamp_anew(stamps + WATCHED_MAX, spawner->program(), &program);
  for (size_t i = 0; i < WATCHED_MAX && spawner->watched[i]; i++)
    if (!stamp_anew(stamps + i, spawner->watched[i], &st)) same = false;
  if (same) return;
  generation++;
  program_ours = program.st_ino && mark_found(spawner->program(), spawner->agent);
  agent_end_idle(&pool);
  if (spawner->forget) spawner->forget();
}

/* How its process ends is the answer then; of one that had come forward, 0 is none. */
static void lose(struct agent *a)
{
  struct delivery *d = a->job;
  if (d && a->forward) d->unanswered = true;
  agent_end(&pool, a);
}

/* What it has kept serves again, and all of this delivery's output is there: nobody else could write any. */
static void take_back(struct agent *a, struct delivery *d, bool kept)
{
  if (a->message == -1) return;
  if (kept && d->output_fd != -1) {
    read_output(d);
    a->output = d->output_fd;
    d->output_fd = -1;
  }
  if (a->output != -1 && ftruncate(a->message, 0) == 0) return;
  drop(&a->message);
  drop(&a->output);
}

static void answered(struct agent *a, int wstat, bool kept)
{
  struct delivery *d = a->job;
  take_back(a, d, kept);
  ended(d, wstat);
  if (a->generation == generation && a->key.len && !d->steps) agent_rest(&pool, a, monotonic_ms());
  else agent_end(&pool, a);
}

/* What was found out before the world changed is not kept. One that is not who it should be loses the delivery. */
static void welcome(struct agent *a, uid_t uid)
{
  struct delivery *d = a->job;
  bool known = spawner->learn(&d->command, a->about.s, a->about.len, uid, &a->key);
  stralloc_free(&a->about);
  if (!known) lose(a);
  else if (a->generation != generation && spawner->forget) spawner->forget();
}

static void hear(struct agent *a)
{
  struct agent_word word;
  switch (agent_hear(a, &word)) {
    case AGENT_SILENT: return;
    case AGENT_FORWARD: welcome(a, word.uid); return;
    case AGENT_DONE: answered(a, word.wstat, word.kept); return;
    case AGENT_GONE: lose(a); return;
  }
}

static struct agent *agent_with(pid_t pid)
{
  for (size_t i = 0; i < pool.count; i++)
    if (pool.agents[i]->pid == pid) return pool.agents[i];
  return 0;
}

/* Its last words may still be unheard. One that never came forward was just a program, whose exit code counts. */
static void agent_died(pid_t pid)
{
  struct agent *a;
  for (int i = 0; i < WORDS_MAX && agent_with(pid); i++) hear(agent_with(pid));
  if ((a = agent_with(pid))) lose(a);
}

/* ---- an end by force ---- */

/* The group of a delivery's process. An agent passes the first two on to the group of its delivery. */
static struct { int signal; int ms; } const steps[] = { { SIGTERM, 2000 }, { SIGTERM, 1000 }, { SIGKILL, 2000 } };
enum { STEPS = sizeof steps / sizeof *steps };

static void signal_group(pid_t pid, int signal)
{
  if (kill(-pid, signal) == -1) kill(pid, signal);
  kill(-pid, SIGCONT);
}

/* A process that even the last step does not end (its disk or its server hangs) is left to itself. */
static void leave_alone(struct delivery *d)
{
  for (size_t i = pool.count; i--;)
    if (pool.agents[i]->job == d) agent_end(&pool, pool.agents[i]);
  ended(d, CRASHED);
}

/* What has ended, and only left its output with somebody, has a verdict of its own. */
static void force_end(struct delivery *d, int64_t now)
{
  if (!d->pid) drop(&d->output_fd);
  else if (d->steps == STEPS) leave_alone(d);
  else {
    signal_group(d->pid, steps[d->steps].signal);
    d->end = now + steps[d->steps++].ms;
  }
}

static void end_all(void)
{
  for (size_t i = 0; i < running_count; i++) {
    if (running[i]->steps) continue;
    running[i]->because = stopped;
    running[i]->end = 0;
  }
}

/* Milliseconds until the next one is due, -1 when none will be. */
static int force_ends(int64_t now)
{
  int64_t next = INT64_MAX;
  for (size_t i = 0; i < running_count; i++) {
    if (running[i]->end <= now) force_end(running[i], now);
    if (running[i]->end < next) next = running[i]->end;
  }
  if (next == INT64_MAX) return -1;
  return next <= now ? 0 : next - now > INT_MAX ? INT_MAX : (int)(next - now);
}

/* ---- deliveries ---- */

static void memory_take(struct delivery *d, uint64_t len)
{
  if (len > MEMORY_EACH || memory_used + len > MEMORY_ALL) return;
  d->in_memory = (size_t)len;
  memory_used += d->in_memory;
}

static void run(struct delivery *d, pid_t pid, int output)
{
  unsigned long seconds = is_question(&d->command) ? QUESTION_SECONDS : spawner->limited ? timeoutlocal : 0;
  d->because = took_too_long;
  d->end = seconds ? monotonic_ms() + 1000 * (int64_t)at_most(seconds, INT_MAX) : INT64_MAX;
  d->pid = pid;
  d->output_fd = output;
  running[running_count++] = d;
}

/* The end for reading does not block. */
static bool output_pipe(int p[2])
{
  if (pipecoe(p) == -1) return false;
  ndelay_on(p[0]);
  return true;
}

/* A message file and an output that it may keep; its ends of them are to be passed. */
static bool equip(struct agent *a, int passed[2])
{
  int p[2];
  a->message = new_in_memory();
  if (a->message != -1) passed[0] = reopened_for_reading(a->message);
  if (passed[0] == -1 || !output_pipe(p)) return false;
  a->output = p[0];
  passed[1] = p[1];
  return true;
}

/* Where hardly more than a few may be under way, who waits would hold up mail that has been waiting for its turn. */
static uint32_t patience_now(void)
{
  return running_count <= FEW && concurrencylocal > FEW + 1 ? patience_us(&patience) : 0;
}

static bool request(struct agent *a, stralloc const *arguments, uint32_t us, struct queue_message const *m)
{
  int passed[2] = { -1, -1 };
  bool has_kept = a->message != -1;
  bool taken = (has_kept || equip(a, passed)) && copy(a->message, m)
               && agent_request(a, us, arguments->s, arguments->len, has_kept ? 0 : passed);
  drop(passed);
  drop(passed + 1);
  return taken;
}

static bool hand_over(struct agent *a, stralloc const *arguments, struct delivery *d, struct queue_message const *m)
{
  uint32_t us = patience_now();
  if (!request(a, arguments, us, m)) return false;
  d->patience_us = us;
  agent_employ(&pool, a, d);
  run(d, a->pid, a->output);
  a->output = -1;
  return true;
}

/* To somebody who is there already, if there is one. What does not fit in memory goes the cold way. */
static bool start_warm(struct delivery *d, struct queue_message const *m)
{
  static stralloc key = STRALLOC_ZERO, arguments = STRALLOC_ZERO;
  struct agent *a;
  if (!pool.idle || !fits_in_memory(d, m)) return false;
  key.len = arguments.len = 0;
  if (!spawner->request(&d->command, &key, &arguments)) return false;
  while ((a = agent_idle(&pool, key.s, key.len))) {
    if (hand_over(a, &arguments, d, m)) return true;
    agent_end(&pool, a);
  }
  return false;
}

static char const *start_cold(struct delivery *d, struct queue_message const *m)
{
  int p[2], offer = -1;
  if (!output_pipe(p)) return no_pipe;
  struct agent *a = agents_wanted && program_ours ? agent_add(&pool, generation, d, &offer) : 0;
  pid_t pid = fork();
  if (pid == 0) be_child(d, m, p[1], offer);
  close(p[1]);
  drop(&offer);
  if (a && pid == -1) agent_end(&pool, a);
  else if (a) a->pid = pid;
  if (pid == -1) {
    close(p[0]);
    return no_fork;
  }
  setpgid(pid, pid);
  run(d, pid, p[0]);
  return 0;
}

/* The one place where a delivery begins. Null, or why it did not. */
static char const *start(struct delivery *d, struct queue_message const *m)
{
  copying[d->command.recipients[0].slot] = (struct copying){ 0 };
  memory_take(d, m->message_len);
  look_around();
  return start_warm(d, m) ? 0 : start_cold(d, m);
}

static void delivery_free(struct delivery *d)
{
  for (size_t i = 0; i < d->command.count; i++) {
    slot_busy[d->command.recipients[i].slot] = false;
    copying[d->command.recipients[i].slot].resort = 0;
  }
  memory_used -= d->in_memory;
  stralloc_free(&d->output);
  stralloc_free(&d->bytes);
  free(d);
}

static void begin(struct delivery *d)
{
  struct queue_message m = { .fd = -1 };
  d->begun = monotonic_us();
  patience_begin(&patience, d->command.messid, d->begun);
  sift(&d->command);
  if (!d->command.count) {
    delivery_free(d);
    return;
  }
  char const *problem = is_question(&d->command) ? 0 : message_open(&m, d->command.messid);
  if (!problem) {
    problem = start(d, &m);
    queue_message_close(&m);
  }
  if (!problem) return;
  report_all(&d->command, problem);
  delivery_free(d);
}

static void mark_cut(struct delivery *d)
{
  if (!d->cut || !spawner->output_cut) return;
  size_t len = strlen(spawner->output_cut);
  if (len > d->output.len) return;
  memcpy(d->output.s + d->output.len - len, spawner->output_cut, len);
}

/* The one place where a delivery's verdict is collected. What had no Maildir to fill has not waited, and passes here for
   less work than it was: then the next one rather does not wait. */
static void finish(struct delivery *d)
{
  patience_learn(&patience, monotonic_us() - d->begun - d->patience_us);
  mark_cut(d);
  if (copying[d->command.recipients[0].slot].failed) report_all(&d->command, cannot_copy);
  else if (d->steps) report_all(&d->command, d->because);
  else spawner->judge(&d->command, d->wstat, d->output.s ? d->output.s : "", d->output.len);
  delivery_free(d);
}

static void finish_all_done(void)
{
  for (size_t i = running_count; i--;) {
    struct delivery *d = running[i];
    if (d->pid || d->output_fd != -1) continue;
    running[i] = running[--running_count];
    finish(d);
  }
}

static struct delivery *running_as(pid_t pid)
{
  for (size_t i = 0; i < running_count; i++)
    if (running[i]->pid == pid) return running[i];
  return 0;
}

/* The number of a child that has ended is not given to another process before it is reaped, so the rest of a group that is
   made to end can still be found by it. */
static pid_t reap_one(int *wstat)
{
  siginfo_t who = { .si_pid = 0 };
  if (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) == -1 || !who.si_pid) return 0;
  struct delivery const *d = running_as(who.si_pid);
  if (d && d->steps) kill(-who.si_pid, SIGKILL);
  return wait_pid(who.si_pid, wstat);
}

/* An agent that has nothing to say for itself has not delivered. */
static void reap(void)
{
  int wstat;
  pid_t pid;
  while (selfpipe_read() > 0) ;
  while ((pid = reap_one(&wstat)) > 0) {
    agent_died(pid);
    struct delivery *d = running_as(pid);
    if (d) ended(d, d->unanswered && !wstat ? CRASHED : wstat);
  }
}

/* ---- commands ---- */

static struct delivery *delivery_new(char const *s, size_t len)
{
  struct delivery *d = calloc(1, sizeof *d);
  if (!d) return 0;
  d->output_fd = -1;
  if (bytes_setb(&d->bytes, s, len)) {
    wire_command_unpack(&d->command, d->bytes.s, len);
    return d;
  }
  free(d);
  return 0;
}

static void obey(struct wire_command const *c, char const *s, size_t len)
{
  struct delivery *d = wire_is_end(c) ? 0 : delivery_new(s, len);
  if (wire_is_end(c)) end_all();
  else if (d) begin(d);
  else report_all(c, no_memory);
}

static void obey_all(void)
{
  size_t at = 0;
  long n;
  static struct wire_command c;
  while ((n = wire_command_unpack(&c, commands + at, commands_len - at)) > 0) {
    obey(&c, commands + at, (size_t)n);
    at += (size_t)n;
  }
  if (n < 0) commands_ended = commands_broken = true;
  commands_len -= at;
  memmove(commands, commands + at, commands_len);
}

static void read_commands(void)
{
  ssize_t r = read(0, commands + commands_len, sizeof commands - commands_len);
  if (r == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (r <= 0) {
    commands_ended = true;
    return;
  }
  commands_len += (size_t)r;
  obey_all();
}

/* ---- the loop ---- */

enum { AT_COMMANDS, AT_REPORTS, AT_SIGNALS, AT_OUTPUTS };
enum { POLLED_MAX = AT_OUTPUTS + SLOTS + AGENTS_MAX };

/* Outputs first, then agents. A negative descriptor is passed over by poll. */
static size_t gather(struct pollfd *x)
{
  bool choked = reports.len - reports_sent > REPORTS_UNSENT;
  size_t n = AT_OUTPUTS;
  x[AT_COMMANDS] = (struct pollfd){ .fd = commands_ended || choked ? -1 : 0, .events = POLLIN };
  x[AT_REPORTS] = (struct pollfd){ .fd = reports_waiting() ? 1 : -1, .events = POLLOUT };
  x[AT_SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
  for (size_t i = 0; i < running_count; i++) x[n++] = (struct pollfd){ .fd = running[i]->output_fd, .events = POLLIN };
  for (size_t i = 0; i < pool.count; i++) x[n++] = (struct pollfd){ .fd = pool.agents[i]->fd, .events = POLLIN };
  return n;
}

/* When poll itself fails, children that ended are what helps. */
static void wait_for_work(struct pollfd *x)
{
  int64_t now = monotonic_ms();
  int idle = agent_expire(&pool, now), force = force_ends(now);
  int patience = force == -1 || (idle != -1 && idle < force) ? idle : force;
  size_t n = gather(x);
  if (poll(x, n, patience) >= 0) return;
  for (size_t i = 0; i < n; i++) x[i].revents = 0;
  x[AT_SIGNALS].revents = POLLIN;
}

/* Backwards, since an agent that leaves is replaced by the last one. One that is overlooked for that, or heard without
   having anything to say, does not mind. */
static void hear_agents(struct pollfd const *x)
{
  for (size_t i = pool.count; i--;)
    if (i < pool.count && x[i].revents) hear(pool.agents[i]);
}

static void work(void)
{
  static struct pollfd x[POLLED_MAX];
  wait_for_work(x);
  for (size_t i = 0; i < running_count; i++)
    if (x[AT_OUTPUTS + i].revents) read_output(running[i]);
  hear_agents(x + AT_OUTPUTS + running_count);
  if (x[AT_SIGNALS].revents) reap();
  finish_all_done();
  if (x[AT_COMMANDS].revents) read_commands();
  reports_flush();
}

static void want_descriptors(void)
{
  struct rlimit more;
  if (getrlimit(RLIMIT_NOFILE, &descriptors_before) == -1) return;
  more = descriptors_before;
  rlim_t wanted = DESCRIPTORS + AGENTS_MAX * DESCRIPTORS_EACH;
  if (more.rlim_cur >= wanted) return;
  more.rlim_cur = more.rlim_max < wanted ? more.rlim_max : wanted;
  setrlimit(RLIMIT_NOFILE, &more);
}

/* Whatever was inherited beyond the three must not reach a delivery. */
static bool own_descriptors(void)
{
  close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  return fd_sanitize() && ndelay_on(1) == 0;
}

static bool own_resources(void)
{
  want_descriptors();
  copying = mmap(0, SLOTS * sizeof *copying, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  signals = selfpipe_init();
  return copying != MAP_FAILED && signals != -1 && selfpipe_trap(SIGCHLD) >= 0 && sig_altignore(SIGPIPE) >= 0;
}

/* ---- control files ---- */

static struct control const controls[] = {
  /* file                kind            goes to            when absent */
  { "agentseconds",      CONTROL_NUMBER, &agentseconds,     "5" },
  { "agentlimit",        CONTROL_NUMBER, &agentlimit,       "100" },
  { "concurrencylocal",  CONTROL_NUMBER, &concurrencylocal, "10" },
  { "timeoutlocal",      CONTROL_NUMBER, &timeoutlocal,     "14400" },
  { 0 }
};

/* Room is kept for all deliveries that go the cold way. Whatever is wrong with agents, mail goes on without them. */
static void want_agents(void)
{
  char const *culprit;
  struct rlimit r;
  if (chdir(HOME) == -1 || !control_load(controls, &culprit)) {
    strerr_warnwusys("read control files, so there will be no agents");
    return;
  }
  if (getrlimit(RLIMIT_NOFILE, &r) == -1 || r.rlim_cur <= DESCRIPTORS) return;
  pool.most = at_most((r.rlim_cur - DESCRIPTORS) / DESCRIPTORS_EACH, AGENTS_MAX);
  pool.idle_max = at_most(agentlimit, AGENTS_IDLE_MAX);
  pool.idle_time = 1000 * (uint64_t)at_most(agentseconds, AGENT_SECONDS_MAX);
  agents_wanted = pool.idle_max && pool.idle_time;
}

static bool prepare(void)
{
  message_owner = account_uid("qmailq");
  if (!own_descriptors() || !own_resources()) {
    strerr_warnwusys("begin");
    return false;
  }
  want_agents();
  if (chdir(HOME "/queue/mess") == 0) return true;
  strerr_warnwusys("chdir to ", HOME, "/queue/mess");
  return false;
}

static bool hello(void)
{
  char slots[2];
  uint16_pack(slots, WIRE_SLOTS_MAX);
  return bytes_addb(&reports, slots, sizeof slots);
}

int spawn_main(struct spawner const *s)
{
  spawner = s;
  if (!prepare() || !hello()) return 111;
  reports_flush();
  while (!commands_ended || running_count || reports_waiting()) work();
  if (commands_broken) strerr_warnw("commands make no sense");
  return commands_broken ? 111 : 0;
}
