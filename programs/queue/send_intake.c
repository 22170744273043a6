#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue_path.h"
#include "send.h"
#include "send_clean.h"
#include "send_clock.h"
#include "send_finish.h"
#include "send_hash.h"
#include "send_intake.h"
#include "send_log.h"
#include "send_recipients.h"
#include "send_schedule.h"
#include "send_timetable.h"

enum {
  TRIGGER_BLOCK = 65536,        /* bytes read at once: the usual size of a pipe */
  TRIGGER_SIZE = 1 << 20,       /* bytes we ask the system to let it hold */
  NUMBER_MAX = 19,              /* digits of a number */
  ANNOUNCED_TURN = 100,         /* messages taken in before other work gets its turn */
  SCAN_BATCH = 1024,            /* names read from a directory at once, to be opened in order */
  SCAN_TURN = 200,
  CHORES_TURN = 20,
  TRIGGER_EVERY = 20,           /* seconds between looks whether it is still there */
  SCAN_EVERY = 1500,            /* seconds */
  SCAN_WITHOUT_TRIGGER = 60,
  SCAN_PAUSE = 10,              /* seconds to wait per second of scanning, whoever asks for more */
  FOLLOWING_MAX = 64,           /* messages that wait for the end of a bounce */
  FOLLOWING_SECONDS = 60,
  WRITER_PAUSE = 10             /* seconds until a file with a living writer is looked at again */
};

static void announce(uint64_t id);
static void scan_wanted(void);

/* ---- the trigger ---- */

static int trigger = -1;
static char announced[TRIGGER_BLOCK];
static size_t announced_len, announced_at;
static char number[NUMBER_MAX];
static size_t number_len;       /* NUMBER_MAX + 1: too long for a number */

int trigger_fd(void)
{
  return announced_at < announced_len ? -1 : trigger;
}

/* Open for writing as well, it never ends. A new descriptor first, so that waiting bytes survive. */
void trigger_open(void)
{
  struct stat st;
  int fd = open(QUEUE_TRIGGER, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd != -1 && (fstat(fd, &st) == -1 || !S_ISFIFO(st.st_mode))) {
    close(fd);
    fd = -1;
  }
  if (fd == -1) log_line("warning: unable to open %s; new mail will wait for a scan", QUEUE_TRIGGER);
  else fcntl(fd, F_SETPIPE_SZ, TRIGGER_SIZE);
  if (trigger != -1) close(trigger);
  trigger = fd;
}

static uint64_t next_check;
static bool being_made;

static bool is_ours(struct stat const *st)
{
  struct stat open_one;
  return S_ISFIFO(st->st_mode) && trigger != -1 && fstat(trigger, &open_one) == 0
      && open_one.st_dev == st->st_dev && open_one.st_ino == st->st_ino;
}

/* Who found no trigger meanwhile has gone away without a word. */
static void trigger_anew(void)
{
  trigger_open();
  scan_wanted();
}

void trigger_made(void)
{
  being_made = false;
  trigger_anew();
}

void trigger_check(void)
{
  struct stat st;
  if (now < next_check) return;
  next_check = now + TRIGGER_EVERY;
  bool there = lstat(QUEUE_TRIGGER, &st) == 0 && S_ISFIFO(st.st_mode);
  if (being_made || (there && is_ours(&st))) return;
  if (there) {
    trigger_anew();
    return;
  }
  log_line("warning: %s is gone or no FIFO; making it anew", QUEUE_TRIGGER);
  being_made = true;
  ask_trigger();
}

uint64_t trigger_next(void)
{
  return next_check;
}

/* A writer that found no room has gone away without a word. */
static bool nearly_full(void)
{
  int waiting;
  int size = fcntl(trigger, F_GETPIPE_SZ);
  return ioctl(trigger, FIONREAD, &waiting) == -1 || size == -1 || waiting >= size / 8 * 7;
}

void trigger_read(void)
{
  if (trigger == -1 || announced_at < announced_len) return;
  if (nearly_full()) scan_wanted();
  ssize_t n = read(trigger, announced, sizeof announced);
  if (n <= 0) return;
  announced_at = 0;
  announced_len = (size_t)n;
}

/* A number that is none may be the ruin of one. */
static void number_end(void)
{
  uint64_t id;
  if (number_len <= NUMBER_MAX && queue_id_scan(number, number_len, &id)) announce(id);
  else if (number_len) scan_wanted();
  number_len = 0;
}

bool announced_run(void)
{
  for (int turn = 0; turn < ANNOUNCED_TURN && announced_at < announced_len; announced_at++) {
    char c = announced[announced_at];
    if (c == '\n') {
      number_end();
      turn++;
    } else if (c < '0' || c > '9') {
      scan_wanted();
      number_len = 0;
    } else if (number_len < NUMBER_MAX) number[number_len++] = c;
    else number_len = NUMBER_MAX + 1;
  }
  return announced_at < announced_len;
}

/* ---- scans ---- */

static struct {
  bool running, wanted;
  bool all_due;                 /* what is found becomes due at once */
  int split;                    /* the directory being read */
  DIR *dir;
  uint64_t batch[SCAN_BATCH];
  size_t count, at;
  bool trouble;                 /* a directory could not be read */
  unsigned long number;         /* of scans begun */
  uint64_t start, end, next;    /* seconds; next is the latest beginning of the next one */
} scan;

static void scan_wanted(void)
{
  scan.wanted = true;
}

void scan_all_due(void)
{
  scan.all_due = scan.running || !scan.number;
  scan_wanted();
}

/* Whoever asks for scans without end gets a small part of our time. */
uint64_t scan_next(void)
{
  uint64_t soon = scan.end + 1 + SCAN_PAUSE * (scan.end > scan.start ? scan.end - scan.start : 0);
  if (scan.running) return now;
  return scan.wanted && soon < scan.next ? soon : scan.next;
}

static void scan_begin(void)
{
  if (scan.number) trigger_open();
  scan.running = true;
  scan.wanted = scan.trouble = false;
  scan.split = -1;
  scan.count = scan.at = 0;
  scan.start = now;
  scan.number++;
}

static void scan_end(void)
{
  scan.running = scan.all_due = false;
  scan.end = now;
  scan.next = now + (scan.trouble ? RETRY_AFTER_TROUBLE : trigger == -1 ? SCAN_WITHOUT_TRIGGER : SCAN_EVERY);
}

static void directory_open(void)
{
  char path[QUEUE_PATH_MAX];
  snprintf(path, sizeof path, "mess/%d", scan.split);
  scan.dir = opendir(path);
  if (scan.dir) return;
  log_line("warning: unable to open %s; will try again later", path);
  scan.trouble = true;
}

static int by_number(void const *a, void const *b)
{
  uint64_t const x = *(uint64_t const *)a, y = *(uint64_t const *)b;
  return x < y ? -1 : x > y;
}

/* Opened in the order of their inodes, cold files come off the disk several times faster. */
static void batch_fill(void)
{
  struct dirent const *entry;
  uint64_t id;
  scan.count = scan.at = 0;
  while (scan.count < SCAN_BATCH && (entry = readdir(scan.dir)))
    if (queue_id_scan(entry->d_name, strlen(entry->d_name), &id) && id % QUEUE_SPLIT == (uint64_t)scan.split)
      scan.batch[scan.count++] = id;
  qsort(scan.batch, scan.count, sizeof *scan.batch, by_number);
  if (scan.count == SCAN_BATCH) return;
  closedir(scan.dir);
  scan.dir = 0;
}

/* False when all directories are read. */
static bool batch_next(void)
{
  while (scan.at == scan.count) {
    if (scan.dir) batch_fill();
    else if (++scan.split < QUEUE_SPLIT) directory_open();
    else return false;
  }
  return true;
}

static void found(uint64_t id);
static void impossible_log(void);

bool scan_run(void)
{
  if (scan_next() > now) return false;
  if (!scan.running) scan_begin();
  for (int i = 0; i < SCAN_TURN; i++) {
    if (!batch_next()) {
      impossible_log();
      scan_end();
      return false;
    }
    found(scan.batch[scan.at++]);
  }
  return true;
}

/* ---- one message ---- */

bool message_busy(struct message const *m)
{
  return m->job[CHANNEL_LOCAL] || m->job[CHANNEL_REMOTE];
}

void message_damaged(struct message *m)
{
  for (int c = 0; c < CHANNELS; c++) unschedule(m, (enum channel)c);
  ask_move_aside(m);
}

/* Damage that a check has found, and that costs at worst a second copy. */
static void log_doubtful(struct message const *m, char const *what, char const *so)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, m->id);
  log_line("warning: %s in %s is damaged; %s", what, path, so);
}

static void trouble(struct message *m, char const *what)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, m->id);
  log_line("warning: trouble %s %s; will try again later", what, path);
}

static void trouble_chore(struct message *m, char const *what)
{
  trouble(m, what);
  schedule_chore(m, now + RETRY_AFTER_TROUBLE);
}

enum queue_read_result message_envelope(struct message const *m, struct queue_message *q, stralloc *envelope)
{
  q->doubtful = false;
  enum queue_read_result r = queue_message_envelope(q, envelope);
  if (r == QUEUE_READ && q->doubtful) log_doubtful(m, "the mark of a recipient", "he is tried again");
  return r;
}

static unsigned long number_in(stralloc const *envelope, char letter)
{
  return strtoul(envelope_text(envelope, letter, "0"), 0, 10);
}

static void log_new(struct queue_message const *q, stralloc const *envelope)
{
  unsigned long long id = q->id;
  char const *sender = envelope_text(envelope, 'F', "");
  log_line("new msg %llu", id);
  log_line("info msg %llu: bytes %llu from <%s> qp %lu uid %lu", id, (unsigned long long)q->message_len,
           log_safe(sender, strlen(sender)), number_in(envelope, 'p'), number_in(envelope, 'u'));
  if (settings.loghash) hash_log(q);
}

/* Who reads the log knows the message of a bounce by what was said of the bounce before. So what qmail-send itself has
   injected waits for the end of the children at work when it was seen, and no longer than that or a minute. */
static struct { uint64_t id; unsigned children; } following[FOLLOWING_MAX];
static size_t following_count;

static void follow_no_longer(size_t i)
{
  following[i] = following[--following_count];
}

/* True when the message is to be looked at later. Who has waited once does not wait again. */
static bool follows_a_bounce(struct message *m, stralloc const *envelope)
{
  unsigned children = bounces_running();
  for (size_t i = 0; i < following_count; i++)
    if (following[i].id == m->id) return (follow_no_longer(i), false);
  if (!children || following_count == FOLLOWING_MAX || number_in(envelope, 'u') != geteuid()) return false;
  following[following_count].id = m->id;
  following[following_count++].children = children;
  schedule_chore(m, now + FOLLOWING_SECONDS);
  return true;
}

void bounces_over(unsigned ended)
{
  for (size_t i = following_count; i--;) {
    struct message *m = message_find(following[i].id);
    following[i].children &= ~ended;
    if (following[i].children) continue;
    if (!m || m->state != UNSEEN) {
      follow_no_longer(i);
      continue;
    }
    unschedule(m, (enum channel)chores.key);
    take_in(m);
  }
}

/* A message that was never tried: says so in the log, and plans the channels it needs. */
static void plan_by_envelope(struct message *m, struct queue_message const *q, struct recipients *r)
{
  recipients_route(r);
  log_new(q, &r->envelope);
  recipients_keep(m, r);
  for (int c = 0; c < CHANNELS; c++) {
    m->toward[c] = r->toward[c];
    m->first[c] |= m->announced;
    if (r->todo[c]) schedule(m, (enum channel)c, now);
  }
  if (!r->todo[CHANNEL_LOCAL] && !r->todo[CHANNEL_REMOTE]) message_finish(m);
}

static void first_look(struct message *m, struct queue_message *q)
{
  struct recipients *r = recipients_new();
  enum queue_read_result got = message_envelope(m, q, &r->envelope);
  if (got == QUEUE_BROKEN) message_damaged(m);
  else if (got != QUEUE_READ) trouble_chore(m, "reading");
  else if (!follows_a_bounce(m, &r->envelope)) plan_by_envelope(m, q, r);
  recipients_leave(r);
}

static unsigned long impossible_count;
static uint64_t impossible_id;

/* No attempt is ever planned for so late. */
static bool due_impossible(struct message const *m, enum channel c)
{
  if (m->due[c] <= now || m->due[c] - now <= timetable_longest(c, m->birth)) return false;
  impossible_count++;
  impossible_id = m->id;
  return true;
}

/* One line, however many there are. */
static void impossible_log(void)
{
  if (impossible_count)
    log_line("warning: %lu messages, msg %llu the last of them, were to wait longer than any may: the clock was wrong; "
             "they are due now", impossible_count, (unsigned long long)impossible_id);
  impossible_count = 0;
}

static void plan_by_footer(struct message *m)
{
  bool planned = false;
  m->deferred = m->successes = true;
  for (int c = 0; c < CHANNELS; c++) {
    m->first[c] = false;
    if (m->due[c] == SCHEDULE_NEVER) continue;
    if (due_impossible(m, (enum channel)c) || (scan.all_due && m->due[c] > now)) m->due[c] = now;
    schedule(m, (enum channel)c, m->due[c]);
    planned = true;
  }
  if (!planned) schedule(m, CHANNEL_LOCAL, now);
}

/* The machine's clock may have been wrong when the file was written. */
static void footer_believe(struct message *m, struct queue_message const *q)
{
  uint64_t latest = 0;
  for (int c = 0; c < CHANNELS; c++) {
    m->due[c] = clock_from_file(q->due[c]);
    if (q->due[c] != SCHEDULE_NEVER && m->due[c] > latest) latest = m->due[c];
  }
  m->birth = clock_from_file(q->birth);
  m->birth = schedule_birth(m->birth, q->doubtful ? now : latest, now);
  m->fingerprint = q->fingerprint;
  m->on_hold = q->on_hold;
  m->verified = m->announced;
  m->successes = !m->announced;
  if (q->doubtful) log_doubtful(m, "the next attempt", "it is due now");
}

/* Opens the file and takes over what its footer says. False when the message is planned otherwise, or forgotten. */
static bool footer_read(struct message *m, struct queue_message *q)
{
  switch (queue_message_open(q, m->id, !m->announced)) {
    case QUEUE_READ:
      footer_believe(m, q);
      return true;
    case QUEUE_ABSENT:
      if (q->spare) ask_drop(m->id);
      if (m->announced) scan_wanted();
      message_forget(m);
      break;
    case QUEUE_UNFINISHED: schedule_chore(m, now + WRITER_PAUSE); break;
    case QUEUE_BROKEN: message_damaged(m); break;
    case QUEUE_TROUBLE: trouble_chore(m, "opening"); break;
  }
  return false;
}

static bool never_tried(struct message const *m)
{
  return !m->due[CHANNEL_LOCAL] && !m->due[CHANNEL_REMOTE];
}

void take_in(struct message *m)
{
  struct queue_message q;
  if (!footer_read(m, &q)) return;
  if (never_tried(m)) first_look(m, &q);
  else plan_by_footer(m);
  queue_message_close(&q);
}

/* Of what a scan finds only footers are read, so that half a million messages take seconds. */
static void found(uint64_t id)
{
  struct queue_message q;
  struct message *m = message_find(id);
  if (m) {
    if ((m->state == REMOVING || m->state == DAMAGED) && !m->again) m->again = AGAIN_FOUND;
    return;
  }
  m = message_add(id);
  m->first[CHANNEL_LOCAL] = m->first[CHANNEL_REMOTE] = scan.number > 1;
  if (!footer_read(m, &q)) return;
  queue_message_close(&q);
  if (never_tried(m)) schedule_chore(m, now);
  else plan_by_footer(m);
}

static void announce(uint64_t id)
{
  struct message *m = message_find(id);
  if (m && (m->state == REMOVING || m->state == DAMAGED)) m->again = AGAIN_ANNOUNCED;
  if (m && m->state != UNSEEN) return;
  if (m) unschedule(m, (enum channel)chores.key);
  else m = message_add(id);
  m->announced = true;
  take_in(m);
}

struct message *message_wanted(uint64_t id)
{
  struct message *m = message_find(id);
  if (!m) {
    found(id);
    m = message_find(id);
  }
  if (!m || m->state != UNSEEN) return m;
  unschedule(m, (enum channel)chores.key);
  take_in(m);
  m = message_find(id);
  return m && m->state != UNSEEN ? m : 0;
}

/* ---- opening for a pass ---- */

/* Somebody removed the file behind our back, and its number belongs to another message now. */
static void take_in_anew(struct message *m)
{
  for (int c = 0; c < CHANNELS; c++) unschedule(m, (enum channel)c);
  message_reset(m);
  take_in(m);
}

/* The writer of a message that a scan found may have died between link and fsync. */
static enum queue_read_result make_sure(struct message *m, struct queue_message const *q)
{
  if (m->verified) return QUEUE_READ;
  if (fsync(q->fd) == -1) return QUEUE_TROUBLE;
  enum queue_read_result r = queue_message_verify(q);
  m->verified = r == QUEUE_READ;
  return r;
}

static void vanished(struct message *m)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, m->id);
  log_line("warning: unable to open %s: it is gone", path);
  message_forget(m);
}

enum message_opening message_open(struct message *m, struct queue_message *q)
{
  enum queue_read_result r = queue_message_open(q, m->id, false);
  bool open = r == QUEUE_READ, other = open && q->fingerprint != m->fingerprint;
  if (open && !other) return OPENING_DONE;
  if (open) queue_message_close(q);
  if (r == QUEUE_TROUBLE || message_busy(m)) {
    trouble(m, "opening");
    return OPENING_LATER;
  }
  if (other) take_in_anew(m);
  else if (r == QUEUE_ABSENT) vanished(m);
  else message_damaged(m);
  return OPENING_GONE;
}

enum message_opening message_sure(struct message *m, struct queue_message *q)
{
  enum queue_read_result r = make_sure(m, q);
  if (r == QUEUE_READ) return OPENING_DONE;
  queue_message_close(q);
  if (r == QUEUE_BROKEN && !message_busy(m)) {
    message_damaged(m);
    return OPENING_GONE;
  }
  trouble(m, "reading");
  return OPENING_LATER;
}

/* ---- chores ---- */

static void (*const chore[])(struct message *m) = {
  [UNSEEN] = take_in,
  [FINISHED] = message_finish,
  [REMOVING] = ask_remove,
  [DAMAGED] = ask_move_aside
};

bool chores_run(void)
{
  for (int i = 0; i < CHORES_TURN; i++) {
    struct message *m = heap_first(&chores);
    if (stopping || !m || m->due[chores.key] > now) return false;
    unschedule(m, (enum channel)chores.key);
    chore[m->state](m);
  }
  return true;
}

uint64_t chores_next(void)
{
  struct message const *m = stopping ? 0 : heap_first(&chores);
  return m ? m->due[chores.key] : UINT64_MAX;
}
