#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/uint16.h>

#include "accounts.h"
#include "bytes.h"
#include "control.h"
#include "home.h"
#include "mark.h"
#include "monotonic.h"
#include "queue_path.h"
#include "spawn_agents.h"
#include "spawn_deadline.h"
#include "spawn_delivery.h"
#include "spawn_message.h"
#include "spawn_reports.h"
#include "spawn_start.h"
#include "spawn_watch.h"

/* ---- reports ---- */

bool spawn_reports_begin(struct spawn_reports *to)
{
  char slots[2];
  uint16_pack(slots, WIRE_SLOTS_MAX);
  return bytes_addb(&to->unsent, slots, sizeof slots);
}

size_t spawn_reports_waiting(struct spawn_reports const *to)
{
  return to->unsent.len;
}

/* A lost report would keep its slot busy for ever: only a broken pipe says that nobody waits for it. */
void spawn_reports_flush(struct spawn_reports *to)
{
  stralloc *unsent = &to->unsent;
  size_t sent = 0;
  while (sent < unsent->len && !to->unwanted) {
    ssize_t r = write(1, unsent->s + sent, unsent->len - sent);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1 && errno == EPIPE) to->unwanted = true;
    else if (r == -1 && errno != EAGAIN) sleep(1);
    if (r <= 0) break;
    sent += (size_t)r;
  }
  if (to->unwanted) sent = unsent->len;
  memmove(unsent->s, unsent->s + sent, unsent->len - sent);
  unsent->len -= sent;
}

/* For the same reason want of memory is waited out. */
void spawn_report_in_full(struct spawn_reports *to, struct wire_command const *command, size_t i,
                          struct wire_report report)
{
  size_t before = to->unsent.len;
  report.slot = command->recipients[i].slot;
  while (!wire_report_pack(&to->unsent, &report)) {
    to->unsent.len = before;
    sleep(1);
  }
}

void spawn_report(struct spawn_reports *to, struct wire_command const *command, size_t i, char letter, char const *text,
                  size_t len)
{
  spawn_report_in_full(to, command, i, (struct wire_report){
    .letter = letter, .outcome = WIRE_UNKNOWN, .text = text, .len = len
  });
}

void spawn_report_text(struct spawn_reports *to, struct wire_command const *command, size_t i, char const *letter_and_text)
{
  spawn_report(to, command, i, letter_and_text[0], letter_and_text + 1, strlen(letter_and_text) - 1);
}

void spawn_report_all(struct spawn_reports *to, struct wire_command const *command, char const *letter_and_text)
{
  for (size_t i = 0; i < command->count; i++) spawn_report_text(to, command, i, letter_and_text);
}

/* ---- messages ---- */

/* Where messages too large for memory are copied. The first is a place that only the mail system fills; anybody can fill
   the second. */
static char const *const copies_on_disk[] = { QUEUE_COPIES, "/var/tmp", 0 };

static char const messid_nonnumeric[] = "DInternal error: messid has nonnumerics. (#5.3.5)\n";
static char const messid_too_long[] = "DInternal error: messid too long. (#5.3.5)\n";
static char const messid_too_short[] = "DInternal error: messid too short. (#5.3.5)\n";
static char const cannot_open[] = "Zqmail-spawn unable to open message. (#4.3.0)\n";
static char const cannot_stat[] = "Zqmail-spawn unable to fstat message. (#4.3.0)\n";
static char const wrong_type[] = "ZSorry, message has wrong type. (#4.3.5)\n";
static char const wrong_owner[] = "ZSorry, message has wrong owner. (#4.3.5)\n";

/* ---- how much may be in memory ---- */

bool spawn_copies_begin(struct spawn_copies *copies)
{
  copies->of_slot = mmap(0, SPAWN_SLOTS * sizeof *copies->of_slot, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return copies->of_slot != MAP_FAILED;
}

size_t spawn_memory_take(struct spawn_copies *copies, uint64_t len)
{
  if (len > SPAWN_MEMORY_EACH || copies->in_memory + len > SPAWN_MEMORY_ALL) return 0;
  copies->in_memory += (size_t)len;
  return (size_t)len;
}

void spawn_memory_give_back(struct spawn_copies *copies, size_t len)
{
  copies->in_memory -= len;
}

/* Two that ask at once may both hear "no", but never too many "yes". */
bool spawn_resort_take(struct spawn_copies *copies, size_t slot, uint64_t len)
{
  uint64_t all = 0;
  if (len > SPAWN_RESORT_EACH) return false;
  copies->of_slot[slot].resort = (uint32_t)len;
  for (size_t i = 0; i < SPAWN_SLOTS; i++) all += copies->of_slot[i].resort;
  if (all > SPAWN_RESORT_ALL) copies->of_slot[slot].resort = 0;
  return all <= SPAWN_RESORT_ALL;
}

/* ---- the queue file ---- */

static char const *messid_problem(char const *messid)
{
  size_t len = strlen(messid);
  if (!len) return messid_too_short;
  if (len > SPAWN_MESSID_MAX) return messid_too_long;
  if (messid[0] == '/' || strspn(messid, "0123456789/") < len) return messid_nonnumeric;
  return 0;
}

static char const *file_problem(struct queue_message *m, uid_t owner)
{
  struct stat st;
  if (fstat(m->fd, &st) == -1) return cannot_stat;
  if (!S_ISREG(st.st_mode)) return wrong_type;
  if (st.st_uid != owner) return wrong_owner;
  enum queue_read_result r = queue_message_footer(m);
  return r == QUEUE_READ ? 0 : r == QUEUE_BROKEN ? wrong_type : cannot_stat;
}

char const *spawn_message_open(struct queue_message *m, char const *messid, uid_t owner)
{
  char const *problem = messid_problem(messid);
  if (problem) return problem;
  m->fd = open(messid, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (m->fd == -1) return cannot_open;
  problem = file_problem(m, owner);
  if (problem) queue_message_close(m);
  return problem;
}

/* ---- its copy ---- */

int spawn_message_new(void)
{
  return memfd_create("message", MFD_CLOEXEC);
}

/* O_EXCL: nobody gives the file a name, to keep it. */
static int new_on_disk(char const *dir)
{
  return open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
}

bool spawn_message_copy(int to, struct queue_message const *m)
{
  char block[65536];
  ssize_t r;
  for (uint64_t at = 0; at < m->message_len; at += (uint64_t)r) {
    uint64_t left = m->message_len - at;
    r = pread(m->fd, block, left < sizeof block ? (size_t)left : sizeof block, (off_t)at);
    if (r <= 0 || pwrite(to, block, (size_t)r, (off_t)at) != r) return false;
  }
  return true;
}

/* Programs of a user may read it by name (/dev/stdin) but not change what the next line of his .qmail will see. Mode
   0444 is as necessary for that as the new descriptor. */
int spawn_message_reopen(int fd)
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
  int alone = spawn_message_copy(fd, m) ? spawn_message_reopen(fd) : -1;
  close(fd);
  return alone;
}

int spawn_message_alone(struct spawn_copies *copies, size_t slot, struct queue_message const *m, bool in_memory)
{
  if (in_memory) return copied(spawn_message_new(), m);
  for (char const *const *dir = copies_on_disk; *dir; dir++) {
    int alone = copied(new_on_disk(*dir), m);
    if (alone != -1) return alone;
  }
  return spawn_resort_take(copies, slot, m->message_len) ? copied(spawn_message_new(), m) : -1;
}

/* ---- deliveries under way ---- */

static char const slot_too_big[] = "ZInternal error: delnum too big. (#4.3.5)\n";
static char const slot_in_use[] = "ZInternal error: delnum in use. (#4.3.5)\n";
static char const no_host[] = "DSorry, address must include host name. (#5.1.3)\n";

void spawn_close(int *fd)
{
  if (*fd != -1) close(*fd);
  *fd = -1;
}

/* ---- which there are ---- */

struct spawn_delivery *spawn_delivery_new(char const *s, size_t len)
{
  struct spawn_delivery *d = calloc(1, sizeof *d);
  if (!d) return 0;
  d->output_fd = -1;
  if (bytes_setb(&d->bytes, s, len)) {
    wire_command_unpack(&d->command, d->bytes.s, len);
    return d;
  }
  free(d);
  return 0;
}

void spawn_delivery_free(struct spawn_deliveries *all, struct spawn_copies *copies, struct spawn_delivery *d)
{
  for (size_t i = 0; i < d->command.count; i++) {
    all->slot_taken[d->command.recipients[i].slot] = false;
    copies->of_slot[d->command.recipients[i].slot].resort = 0;
  }
  spawn_memory_give_back(copies, d->in_memory);
  stralloc_free(&d->output);
  stralloc_free(&d->bytes);
  free(d);
}

static char const *recipient_problem(struct spawn_deliveries const *all, struct wire_recipient const *r, unsigned slots)
{
  if (r->slot >= slots) return slot_too_big;
  if (all->slot_taken[r->slot]) return slot_in_use;
  if (!strchr(r->address, '@')) return no_host;
  return 0;
}

void spawn_slots_take(struct spawn_deliveries *all, struct spawn_reports *to, struct wire_command *c)
{
  size_t kept = 0;
  unsigned slots = wire_is_question(c) ? SPAWN_SLOTS : WIRE_SLOTS_MAX;
  for (size_t i = 0; i < c->count; i++) {
    char const *problem = recipient_problem(all, c->recipients + i, slots);
    if (problem) {
      spawn_report_text(to, c, i, problem);
    } else {
      all->slot_taken[c->recipients[i].slot] = true;
      c->recipients[kept++] = c->recipients[i];
    }
  }
  c->count = kept;
}

void spawn_delivery_runs(struct spawn_deliveries *all, struct spawn_delivery *d, pid_t pid, int output)
{
  d->pid = pid;
  d->output_fd = output;
  all->running[all->count++] = d;
}

struct spawn_delivery *spawn_delivery_take_ended(struct spawn_deliveries *all)
{
  for (size_t i = all->count; i--;) {
    struct spawn_delivery *d = all->running[i];
    if (d->pid || d->output_fd != -1) continue;
    all->running[i] = all->running[--all->count];
    return d;
  }
  return 0;
}

struct spawn_delivery *spawn_delivery_of(struct spawn_deliveries const *all, pid_t pid)
{
  for (size_t i = 0; i < all->count; i++)
    if (all->running[i]->pid == pid) return all->running[i];
  return 0;
}

/* Of one that is made to end nothing more is awaited: what holds its output may be anything. */
void spawn_delivery_ended(struct spawn_delivery *d, int wstat)
{
  d->pid = 0;
  d->wstat = wstat;
  if (d->steps) spawn_close(&d->output_fd);
}

/* ---- what it says ---- */

static void keep(struct spawn_delivery *d, size_t most, char const *s, size_t len)
{
  size_t room = most - d->output.len;
  if (len > room) d->cut = true;
  if (!bytes_addb(&d->output, s, len < room ? len : room)) d->cut = true;
}

void spawn_delivery_read(struct spawn_delivery *d, size_t most)
{
  char block[65536];
  ssize_t r = read(d->output_fd, block, sizeof block);
  if (r == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (r > 0) keep(d, most, block, (size_t)r);
  else spawn_close(&d->output_fd);
}

void spawn_delivery_mark_cut(struct spawn_delivery *d, char const *text)
{
  if (!d->cut || !text) return;
  size_t len = strlen(text);
  if (len > d->output.len) return;
  memcpy(d->output.s + d->output.len - len, text, len);
}

/* ---- an end by force ---- */

static char const took_too_long[] = "ZThe delivery took too long, so it was ended (control/timeoutlocal). (#4.3.0)\n";
static char const stopped[] = "EThe delivery had not ended when mail delivery was stopped. (#4.3.0)\n";

/* An agent passes the first two on to the group of its delivery. */
static struct { int signal; int ms; } const steps[] = { { SIGTERM, 2000 }, { SIGTERM, 1000 }, { SIGKILL, 2000 } };
enum { STEPS = sizeof steps / sizeof *steps };

void spawn_deadline_set(struct spawn_delivery *d, int64_t now, unsigned long seconds)
{
  d->because = took_too_long;
  d->end = seconds ? now + 1000 * (int64_t)(seconds < INT_MAX ? seconds : INT_MAX) : INT64_MAX;
}

void spawn_deadline_is_now(struct spawn_deliveries *all)
{
  for (size_t i = 0; i < all->count; i++) {
    struct spawn_delivery *d = all->running[i];
    if (d->steps) continue;
    d->because = stopped;
    d->end = 0;
  }
}

static void signal_group(pid_t pid, int signal)
{
  if (kill(-pid, signal) == -1) kill(pid, signal);
  kill(-pid, SIGCONT);
}

static void leave_alone(struct agent_pool *pool, struct spawn_delivery *d)
{
  for (size_t i = pool->count; i--;)
    if (pool->agents[i]->job == d) agent_end(pool, pool->agents[i]);
  spawn_delivery_ended(d, SPAWN_CRASHED);
}

/* What has ended, and only left its output with somebody, has a verdict of its own. */
static void next_step(struct agent_pool *pool, struct spawn_delivery *d, int64_t now)
{
  if (!d->pid) spawn_close(&d->output_fd);
  else if (d->steps == STEPS) leave_alone(pool, d);
  else {
    signal_group(d->pid, steps[d->steps].signal);
    d->end = now + steps[d->steps++].ms;
  }
}

int spawn_deadline_steps(struct spawn_deliveries *all, struct agent_pool *pool, int64_t now)
{
  int64_t next = INT64_MAX;
  for (size_t i = 0; i < all->count; i++) {
    struct spawn_delivery *d = all->running[i];
    if (d->end <= now) next_step(pool, d, now);
    if (d->end < next) next = d->end;
  }
  if (next == INT64_MAX) return -1;
  return next <= now ? 0 : next - now > INT_MAX ? INT_MAX : (int)(next - now);
}

/* ---- what is watched ---- */

/* With its gaps, since it is compared as bytes. */
static struct spawn_stamp stamp_of(struct stat const *st)
{
  struct spawn_stamp s;
  memset(&s, 0, sizeof s);
  s.dev = st->st_dev;
  s.ino = st->st_ino;
  s.size = st->st_size;
  s.changed = st->st_ctim;
  s.modified = st->st_mtim;
  return s;
}

static bool stamp_anew(struct spawn_stamp *old, char const *path, struct stat *st)
{
  if (!path || stat(path, st) == -1) memset(st, 0, sizeof *st);
  struct spawn_stamp now = stamp_of(st);
  bool same = !memcmp(old, &now, sizeof now);
  *old = now;
  return same;
}

bool spawn_watch_sees_change(struct spawn_watch *w, char const *program, char const *const *files, struct stat *st)
{
  struct stat of_file;
  bool same = stamp_anew(&w->program, program, st);
  for (size_t i = 0; i < SPAWN_WATCHED_MAX && files[i]; i++)
    if (!stamp_anew(w->files + i, files[i], &of_file)) same = false;
  return !same;
}

/* ---- agents ---- */

enum { WORDS_MAX = 3 };                   /* of an agent in its life before its first answer is heard */

void spawn_agents_look_around(struct spawn *s)
{
  struct spawn_role const *role = s->role;
  if (!spawn_watch_sees_change(&s->agents.watch, role->program(), role->watched, &s->agents.program)) return;
  s->agents.generation++;
  s->agents.program_ours = s->agents.program.st_ino && mark_found(role->program(), role->agent);
  agent_end_idle(&s->agents.pool);
  if (role->forget) role->forget();
}

struct agent *spawn_agents_invite(struct spawn *s, struct spawn_delivery *d, int *theirs)
{
  *theirs = -1;
  if (!s->agents.wanted || !s->agents.program_ours) return 0;
  return agent_add(&s->agents.pool, s->agents.generation, d, theirs);
}

/* How its process ends is the answer then; of one that had come forward, 0 is none. */
static void lose(struct spawn *s, struct agent *a)
{
  struct spawn_delivery *d = a->job;
  if (d && a->forward) d->unanswered = true;
  agent_end(&s->agents.pool, a);
}

/* What it has kept serves again, and all of this delivery's output is there: nobody else could write any. */
static void take_back(struct agent *a, struct spawn_delivery *d, size_t output_max, bool kept)
{
  if (a->message == -1) return;
  if (kept && d->output_fd != -1) {
    spawn_delivery_read(d, output_max);
    a->output = d->output_fd;
    d->output_fd = -1;
  }
  if (a->output != -1 && ftruncate(a->message, 0) == 0) return;
  spawn_close(&a->message);
  spawn_close(&a->output);
}

static void answered(struct spawn *s, struct agent *a, int wstat, bool kept)
{
  struct spawn_delivery *d = a->job;
  take_back(a, d, s->role->output_max, kept);
  spawn_delivery_ended(d, wstat);
  if (a->generation == s->agents.generation && a->key.len && !d->steps) agent_rest(&s->agents.pool, a, monotonic_ms());
  else agent_end(&s->agents.pool, a);
}

/* What was found out before the world changed is not kept. One that is not who it should be loses the delivery. */
static void welcome(struct spawn *s, struct agent *a, uid_t uid)
{
  struct spawn_delivery *d = a->job;
  bool known = s->role->learn(&d->command, a->about.s, a->about.len, uid, &a->key);
  stralloc_free(&a->about);
  if (!known) lose(s, a);
  else if (a->generation != s->agents.generation && s->role->forget) s->role->forget();
}

void spawn_agents_hear(struct spawn *s, struct agent *a)
{
  struct agent_word word;
  switch (agent_hear(a, &word)) {
    case AGENT_SILENT: return;
    case AGENT_FORWARD: welcome(s, a, word.uid); return;
    case AGENT_DONE: answered(s, a, word.wstat, word.kept); return;
    case AGENT_GONE: lose(s, a); return;
  }
}

static struct agent *agent_with(struct agent_pool const *pool, pid_t pid)
{
  for (size_t i = 0; i < pool->count; i++)
    if (pool->agents[i]->pid == pid) return pool->agents[i];
  return 0;
}

/* Its last words may still be unheard. One that never came forward was just a program, whose exit code counts. */
void spawn_agents_died(struct spawn *s, pid_t pid)
{
  struct agent *a;
  for (int i = 0; i < WORDS_MAX && (a = agent_with(&s->agents.pool, pid)); i++) spawn_agents_hear(s, a);
  if ((a = agent_with(&s->agents.pool, pid))) lose(s, a);
}

/* ---- how a delivery begins ---- */

enum {
  QUESTION_SECONDS = 60,                  /* whoever asked goes on without an answer then */
  FEW = 2,                                /* deliveries under way; of more, some share a commit anyhow */
  BEYOND_STANDARD = 3                     /* the first descriptor that is none of the standard ones */
};

static char const no_pipe[] = "Zqmail-spawn unable to create pipe. (#4.3.0)\n";
static char const no_fork[] = "Zqmail-spawn unable to fork. (#4.3.0)\n";

static bool fits_in_memory(struct spawn_delivery const *d, struct queue_message const *m)
{
  return d->in_memory > 0 || !m->message_len;
}

static void run(struct spawn *s, struct spawn_delivery *d, pid_t pid, int output)
{
  bool question = wire_is_question(&d->command);
  spawn_deadline_set(d, monotonic_ms(), question ? QUESTION_SECONDS : s->role->limited ? s->timeoutlocal : 0);
  spawn_delivery_runs(&s->deliveries, d, pid, output);
}

/* The end for reading does not block. */
static bool output_pipe(int p[2])
{
  if (pipecoe(p) == -1) return false;
  ndelay_on(p[0]);
  return true;
}

/* ---- an agent that is there already ---- */

/* A message file and an output that it may keep; its ends of them are to be passed. */
static bool equip(struct agent *a, int passed[2])
{
  int p[2];
  a->message = spawn_message_new();
  if (a->message != -1) passed[0] = spawn_message_reopen(a->message);
  if (passed[0] == -1 || !output_pipe(p)) return false;
  a->output = p[0];
  passed[1] = p[1];
  return true;
}

/* Where hardly more than a few may be under way, who waits would hold up mail that has been waiting for its turn. */
static uint32_t patience_now(struct spawn const *s)
{
  return s->deliveries.count <= FEW && s->concurrencylocal > FEW + 1 ? patience_us(&s->patience) : 0;
}

static bool request(struct agent *a, stralloc const *arguments, uint32_t us, struct queue_message const *m)
{
  int passed[2] = { -1, -1 };
  bool has_kept = a->message != -1;
  bool taken = (has_kept || equip(a, passed)) && spawn_message_copy(a->message, m)
               && agent_request(a, us, arguments->s, arguments->len, has_kept ? 0 : passed);
  spawn_close(passed);
  spawn_close(passed + 1);
  return taken;
}

static bool hand_over(struct spawn *s, struct agent *a, struct spawn_delivery *d, struct queue_message const *m)
{
  uint32_t us = patience_now(s);
  if (!request(a, &s->arguments, us, m)) return false;
  d->patience_us = us;
  agent_employ(&s->agents.pool, a, d);
  run(s, d, a->pid, a->output);
  a->output = -1;
  return true;
}

/* What does not fit in memory goes the cold way. */
static bool start_warm(struct spawn *s, struct spawn_delivery *d, struct queue_message const *m)
{
  struct agent *a;
  if (!s->agents.pool.idle || !fits_in_memory(d, m)) return false;
  s->key.len = s->arguments.len = 0;
  if (!s->role->request(&d->command, &s->key, &s->arguments)) return false;
  while ((a = agent_idle(&s->agents.pool, s->key.s, s->key.len))) {
    if (hand_over(s, a, d, m)) return true;
    agent_end(&s->agents.pool, a);
  }
  return false;
}

/* ---- a new process ---- */

/* Neither a delivery nor whom it asks sees anything of another one: all is closed here, before the child is somebody
   else, but for its own end of a pair, which is given back under the lowest number. */
static int keep_only(int fd)
{
  int kept = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, BEYOND_STANDARD);
  if (kept > BEYOND_STANDARD) close_range(BEYOND_STANDARD, (unsigned)kept - 1, 0);
  close_range(kept == -1 ? BEYOND_STANDARD : (unsigned)kept + 1, UINT_MAX, 0);
  return kept;
}

static _Noreturn void be_child(struct spawn *s, struct spawn_delivery const *d, struct queue_message const *m, int output,
                               int offer)
{
  size_t slot = d->command.recipients[0].slot;
  int message = spawn_message_alone(&s->copies, slot, m, fits_in_memory(d, m));
  selfpipe_finish();
  setpgid(0, 0);
  setrlimit(RLIMIT_NOFILE, &s->descriptors_before);
  if (message == -1 || dup2(message, 0) == -1 || dup2(output, 1) == -1 || dup2(output, 2) == -1) {
    s->copies.of_slot[slot].failed = true;
    _exit(111);
  }
  struct agent_invitation invitation = { keep_only(offer), &s->agents.program };
  s->role->become_delivery(&d->command, &invitation);
  _exit(111);
}

static char const *start_cold(struct spawn *s, struct spawn_delivery *d, struct queue_message const *m)
{
  int p[2], offer;
  if (!output_pipe(p)) return no_pipe;
  struct agent *a = spawn_agents_invite(s, d, &offer);
  pid_t pid = fork();
  if (pid == 0) be_child(s, d, m, p[1], offer);
  close(p[1]);
  spawn_close(&offer);
  if (a && pid == -1) agent_end(&s->agents.pool, a);
  else if (a) a->pid = pid;
  if (pid == -1) {
    close(p[0]);
    return no_fork;
  }
  setpgid(pid, pid);
  run(s, d, pid, p[0]);
  return 0;
}

/* ---- the one place where a delivery begins ---- */

static char const *start(struct spawn *s, struct spawn_delivery *d, struct queue_message const *m)
{
  s->copies.of_slot[d->command.recipients[0].slot] = (struct spawn_copy){ 0 };
  d->in_memory = spawn_memory_take(&s->copies, m->message_len);
  spawn_agents_look_around(s);
  return start_warm(s, d, m) ? 0 : start_cold(s, d, m);
}

void spawn_start(struct spawn *s, struct spawn_delivery *d)
{
  struct queue_message m = { .fd = -1 };
  d->begun = monotonic_us();
  patience_begin(&s->patience, d->command.messid, d->begun);
  spawn_slots_take(&s->deliveries, &s->reports, &d->command);
  if (!d->command.count) {
    spawn_delivery_free(&s->deliveries, &s->copies, d);
    return;
  }
  char const *problem = wire_is_question(&d->command) ? 0 : spawn_message_open(&m, d->command.messid, s->message_owner);
  if (!problem) {
    problem = start(s, d, &m);
    queue_message_close(&m);
  }
  if (!problem) return;
  spawn_report_all(&s->reports, &d->command, problem);
  spawn_delivery_free(&s->deliveries, &s->copies, d);
}

enum {
  REPORTS_UNSENT = 1 << 20,        /* bytes of unsent reports above which no new command is read */
  DESCRIPTORS = SPAWN_SLOTS + 64,  /* without agents */
  DESCRIPTORS_EACH = 3,            /* of an agent, at most */
  AGENT_SECONDS_MAX = 3600
};

static char const cannot_copy[] = "Zqmail-spawn unable to copy message. (#4.3.0)\n";
static char const no_memory[] = "Zqmail-spawn out of memory. (#4.3.0)\n";

/* ---- the end of a delivery ---- */

/* The one place where its verdict is collected. What had no Maildir to fill has not waited, and passes here for
   less work than it was: then the next one rather does not wait. */
static void finish(struct spawn *s, struct spawn_delivery *d)
{
  patience_learn(&s->patience, monotonic_us() - d->begun - d->patience_us);
  spawn_delivery_mark_cut(d, s->role->output_cut);
  if (s->copies.of_slot[d->command.recipients[0].slot].failed) spawn_report_all(&s->reports, &d->command, cannot_copy);
  else if (d->steps) spawn_report_all(&s->reports, &d->command, d->because);
  else s->role->judge(&s->reports, &d->command, d->wstat, d->output.s ? d->output.s : "", d->output.len);
  spawn_delivery_free(&s->deliveries, &s->copies, d);
}

static void finish_all_ended(struct spawn *s)
{
  struct spawn_delivery *d;
  while ((d = spawn_delivery_take_ended(&s->deliveries))) finish(s, d);
}

/* The number of a child that has ended is not given to another process before it is reaped, so the rest of a group that is
   made to end can still be found by it. */
static pid_t reap_one(struct spawn_deliveries const *all, int *wstat)
{
  siginfo_t who = { .si_pid = 0 };
  if (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) == -1 || !who.si_pid) return 0;
  struct spawn_delivery const *d = spawn_delivery_of(all, who.si_pid);
  if (d && d->steps) kill(-who.si_pid, SIGKILL);
  return wait_pid(who.si_pid, wstat);
}

/* An agent that has nothing to say for itself has not delivered. */
static void reap(struct spawn *s)
{
  int wstat;
  pid_t pid;
  while (selfpipe_read() > 0) ;
  while ((pid = reap_one(&s->deliveries, &wstat)) > 0) {
    spawn_agents_died(s, pid);
    struct spawn_delivery *d = spawn_delivery_of(&s->deliveries, pid);
    if (d) spawn_delivery_ended(d, d->unanswered && !wstat ? SPAWN_CRASHED : wstat);
  }
}

/* ---- commands ---- */

static void obey(struct spawn *s, struct wire_command const *c, char const *text, size_t len)
{
  struct spawn_delivery *d = wire_is_end(c) ? 0 : spawn_delivery_new(text, len);
  if (wire_is_end(c)) spawn_deadline_is_now(&s->deliveries);
  else if (d) spawn_start(s, d);
  else spawn_report_all(&s->reports, c, no_memory);
}

static void obey_all(struct spawn *s)
{
  struct wire_command c;
  size_t at = 0;
  long n;
  while ((n = wire_command_unpack(&c, s->commands.bytes + at, s->commands.len - at)) > 0) {
    obey(s, &c, s->commands.bytes + at, (size_t)n);
    at += (size_t)n;
  }
  if (n < 0) s->commands.ended = s->commands.broken = true;
  s->commands.len -= at;
  memmove(s->commands.bytes, s->commands.bytes + at, s->commands.len);
}

static void read_commands(struct spawn *s)
{
  ssize_t r = read(0, s->commands.bytes + s->commands.len, sizeof s->commands.bytes - s->commands.len);
  if (r == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (r <= 0) {
    s->commands.ended = true;
    return;
  }
  s->commands.len += (size_t)r;
  obey_all(s);
}

/* ---- the loop ---- */

/* Outputs first, then agents. A negative descriptor is passed over by poll. */
static size_t gather(struct spawn *s)
{
  struct pollfd *x = s->polled;
  size_t unsent = spawn_reports_waiting(&s->reports), n = AT_OUTPUTS;
  x[AT_COMMANDS] = (struct pollfd){ .fd = s->commands.ended || unsent > REPORTS_UNSENT ? -1 : 0, .events = POLLIN };
  x[AT_REPORTS] = (struct pollfd){ .fd = unsent ? 1 : -1, .events = POLLOUT };
  x[AT_SIGNALS] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
  for (size_t i = 0; i < s->deliveries.count; i++)
    x[n++] = (struct pollfd){ .fd = s->deliveries.running[i]->output_fd, .events = POLLIN };
  for (size_t i = 0; i < s->agents.pool.count; i++)
    x[n++] = (struct pollfd){ .fd = s->agents.pool.agents[i]->fd, .events = POLLIN };
  return n;
}

/* When poll itself fails, children that ended are what helps. */
static void wait_for_work(struct spawn *s)
{
  int64_t now = monotonic_ms();
  int idle = agent_expire(&s->agents.pool, now), force = spawn_deadline_steps(&s->deliveries, &s->agents.pool, now);
  int patience = force == -1 || (idle != -1 && idle < force) ? idle : force;
  size_t n = gather(s);
  if (poll(s->polled, n, patience) >= 0) return;
  for (size_t i = 0; i < n; i++) s->polled[i].revents = 0;
  s->polled[AT_SIGNALS].revents = POLLIN;
}

/* Backwards, since an agent that leaves is replaced by the last one. One that is overlooked for that, or heard without
   having anything to say, does not mind. */
static void hear_agents(struct spawn *s, struct pollfd const *x)
{
  for (size_t i = s->agents.pool.count; i--;)
    if (i < s->agents.pool.count && x[i].revents) spawn_agents_hear(s, s->agents.pool.agents[i]);
}

static void work(struct spawn *s)
{
  wait_for_work(s);
  for (size_t i = 0; i < s->deliveries.count; i++)
    if (s->polled[AT_OUTPUTS + i].revents) spawn_delivery_read(s->deliveries.running[i], s->role->output_max);
  hear_agents(s, s->polled + AT_OUTPUTS + s->deliveries.count);
  if (s->polled[AT_SIGNALS].revents) reap(s);
  finish_all_ended(s);
  if (s->polled[AT_COMMANDS].revents) read_commands(s);
  spawn_reports_flush(&s->reports);
}

/* ---- the start ---- */

static void want_descriptors(struct rlimit *before)
{
  struct rlimit more;
  if (getrlimit(RLIMIT_NOFILE, before) == -1) return;
  more = *before;
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

static bool own_resources(struct spawn *s)
{
  want_descriptors(&s->descriptors_before);
  s->signals = selfpipe_init();
  return spawn_copies_begin(&s->copies) && s->signals != -1 && selfpipe_trap(SIGCHLD) >= 0 && sig_altignore(SIGPIPE) >= 0;
}

static unsigned long at_most(unsigned long n, unsigned long most)
{
  return n < most ? n : most;
}

/* Room is kept for all deliveries that go the cold way. Whatever is wrong with agents, mail goes on without them. */
static void want_agents(struct spawn *s)
{
  unsigned long seconds, idle;
  struct control const controls[] = {
    /* file                kind            goes to               when absent */
    { "agentseconds",      CONTROL_NUMBER, &seconds,             "5" },
    { "agentlimit",        CONTROL_NUMBER, &idle,                "100" },
    { "concurrencylocal",  CONTROL_NUMBER, &s->concurrencylocal, "10" },
    { "timeoutlocal",      CONTROL_NUMBER, &s->timeoutlocal,     "14400" },
    { 0 }
  };
  struct agent_pool *pool = &s->agents.pool;
  char const *culprit;
  struct rlimit r;
  if (chdir(HOME) == -1 || !control_load(controls, &culprit)) {
    strerr_warnwusys("read control files, so there will be no agents");
    return;
  }
  if (getrlimit(RLIMIT_NOFILE, &r) == -1 || r.rlim_cur <= DESCRIPTORS) return;
  pool->most = at_most((r.rlim_cur - DESCRIPTORS) / DESCRIPTORS_EACH, AGENTS_MAX);
  pool->idle_max = at_most(idle, AGENTS_IDLE_MAX);
  pool->idle_time = 1000 * (uint64_t)at_most(seconds, AGENT_SECONDS_MAX);
  s->agents.wanted = pool->idle_max && pool->idle_time;
}

static bool prepare(struct spawn *s)
{
  s->message_owner = account_uid("qmailq");
  if (!own_descriptors() || !own_resources(s)) {
    strerr_warnwusys("begin");
    return false;
  }
  want_agents(s);
  if (chdir(HOME "/queue/mess") == 0) return true;
  strerr_warnwusys("chdir to ", HOME, "/queue/mess");
  return false;
}

int spawn_main(struct spawn_role const *role)
{
  static struct spawn s = { .timeoutlocal = 14400 };    /* also where the control files cannot be read */
  s.role = role;
  if (!prepare(&s) || !spawn_reports_begin(&s.reports)) return 111;
  spawn_reports_flush(&s.reports);
  while (!s.commands.ended || s.deliveries.count || spawn_reports_waiting(&s.reports)) work(&s);
  if (s.commands.broken) strerr_warnw("commands make no sense");
  return s.commands.broken ? 111 : 0;
}
