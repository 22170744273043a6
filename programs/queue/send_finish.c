#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/selfpipe.h>

#include "bytes.h"
#include "memory.h"
#include "queue_client.h"
#include "queue_message.h"
#include "queue_path.h"
#include "send.h"
#include "send_clean.h"
#include "send_defer.h"
#include "send_finish.h"
#include "send_log.h"
#include "send_recipients.h"
#include "send_text.h"

enum {
  CHILDREN = 4,               /* bounces at a time */
  BLOCK = 65536
};

/* How a child that handled a bounce ends. */
enum { BOUNCE_DONE = 0, BOUNCE_LATER = 1, BOUNCE_STAYS = 2 };

/* ---- noting failures ---- */

static int bounce_open(uint64_t id, int how)
{
  char path[QUEUE_PATH_MAX];
  queue_path_bounce(path, id);
  return open(path, how | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

/* A paragraph is in the file whole or not at all. */
static bool append(int fd, stralloc const *paragraph)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (allwrite(fd, paragraph->s, paragraph->len) == paragraph->len) return true;
  if (ftruncate(fd, st.st_size) == -1) log_line("warning: trouble writing to a bounce file");
  return false;
}

bool failure_note(struct message *m, char const *recipient, char const *text, size_t len)
{
  static stralloc paragraph = STRALLOC_ZERO;
  bounce_paragraph(&paragraph, recipient, &routes.envnoathost, text, len);
  int fd = bounce_open(m->id, O_WRONLY | O_APPEND | O_CREAT);
  bool ok = fd != -1 && append(fd, &paragraph);
  if (fd != -1 && close(fd) == -1) ok = false;
  if (!ok) log_line("alert: unable to append to bounce/%llu; will try again later", (unsigned long long)m->id);
  return ok;
}

/* Failures that are noted but perhaps not durable. */
static struct noted { struct message *message; size_t offset; } *noted;
static size_t noted_count, noted_room;

void failure_mark(struct message *m, size_t offset)
{
  if (noted_count == noted_room) {
    noted_room = noted_room ? 2 * noted_room : 64;
    noted = memory_resized(noted, noted_room, sizeof *noted);
  }
  noted[noted_count++] = (struct noted){ m, offset };
  m->pending++;
}

static bool bounce_sync(uint64_t id)
{
  int fd = bounce_open(id, O_WRONLY);
  bool ok = fd != -1 && fdatasync(fd) == 0;
  if (!ok) log_line("warning: trouble fsyncing bounce/%llu", (unsigned long long)id);
  if (fd != -1) close(fd);
  return ok;
}

static int by_message(void const *a, void const *b)
{
  struct noted const *x = a, *y = b;
  return x->message->id < y->message->id ? -1 : x->message->id > y->message->id;
}

/* Of the text and the mark the text must be durable first: a power cut between them then costs a second attempt,
   in the other order it would cost the news of the failure. One sync serves all reports that came together. */
void failures_sync(void)
{
  bool durable = false;
  if (!noted_count) return;
  qsort(noted, noted_count, sizeof *noted, by_message);
  for (size_t i = 0; i < noted_count; i++) {
    struct message *m = noted[i].message;
    if (!i || noted[i - 1].message != m) durable = bounce_sync(m->id);
    if (durable) ask_mark_done(m, noted[i].offset);
    pending_done(m);
  }
  noted_count = 0;
}

/* ---- the child that sends a bounce ---- */

/* Only the log stays of our descriptors: a queue program must not hold the pipes of the spawners. The mutex
   stays held as long as this child lives, so that a new qmail-send cannot append to texts that are about to go. */
static void only_the_log(void)
{
  selfpipe_finish();
  int log = fcntl(0, F_DUPFD_CLOEXEC, 10);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (log == -1 || null == -1) _exit(BOUNCE_LATER);
  log_to(log);
  for (int fd = 0; fd <= 6; fd++) dup2(fd == 2 ? log : null, fd);
}

static bool copy(struct queue_client *to, int fd, uint64_t len)
{
  static char block[BLOCK];
  while (len) {
    ssize_t n = read(fd, block, len < sizeof block ? (size_t)len : sizeof block);
    if (n == -1 && errno == EINTR) continue;
    if (n <= 0) return n == 0 && len == UINT64_MAX;
    queue_client_put(to, block, (size_t)n);
    if (len != UINT64_MAX) len -= (uint64_t)n;
  }
  return true;
}

struct bounce {
  uint64_t id;
  struct queue_message original;
  int texts;                  /* bounce/N */
  struct bounce_names names;
};

static bool write_bounce(struct queue_client *q, struct bounce const *b)
{
  stralloc text = STRALLOC_ZERO;
  if (!bounce_head(&text, &b->names, time(0))) return false;
  queue_client_put(q, text.s, text.len);
  if (!copy(q, b->texts, UINT64_MAX) || !bounce_break(&text, &b->names)) return false;
  queue_client_put(q, text.s, text.len);
  return lseek(b->original.fd, 0, SEEK_SET) == 0 && copy(q, b->original.fd, b->original.message_len);
}

/* The name must be gone for good before the number can come back: the next message of this number would
   inherit the text. */
static int drop_texts(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  queue_path_bounce(path, id);
  if (unlink(path) == -1 && errno != ENOENT) {
    log_line("warning: unable to unlink %s", path);
    return BOUNCE_STAYS;
  }
  int fd = open("bounce", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1 || fsync(fd) == -1) log_line("warning: trouble fsyncing bounce");
  return BOUNCE_DONE;
}

static int inject(struct bounce const *b)
{
  static struct queue_client q;
  char const *sender = b->names.is_double ? "#@[]" : "";
  if (!queue_client_open(&q)) {
    log_line("warning: unable to start qmail-queue, will try later");
    return BOUNCE_LATER;
  }
  if (!write_bounce(&q, b)) queue_client_fail(&q);
  queue_client_from(&q, sender, strlen(sender));
  queue_client_to(&q, b->names.to, b->names.to_len);
  if (*queue_client_close(&q)) {
    log_line("warning: trouble injecting bounce message, will try later");
    return BOUNCE_LATER;
  }
  /* The log may stand still: first the texts must go, or the bounce is sent again after a crash. */
  int r = drop_texts(b->id);
  log_line("bounce msg %llu qp %lu", (unsigned long long)b->id, queue_client_qp(&q));
  return r;
}

/* Where the bounce goes: to the sender, or for a bounce that failed to the postmaster. False without memory. */
static bool address(struct bounce *b, char const *sender)
{
  static stralloc to = STRALLOC_ZERO;
  b->names.from = &settings.bouncefrom;
  b->names.host = &settings.bouncehost;
  b->names.sender = sender;
  b->names.is_double = !*sender;
  bool ok = b->names.is_double
    ? bytes_setx(&to, &settings.doublebounceto)
        && bytes_addc(&to, '@') && bytes_addx(&to, &settings.doublebouncehost)
    : bytes_setb(&to, sender, verp_stripped(sender, strlen(sender)));
  b->names.to = to.s;
  b->names.to_len = to.len;
  return ok;
}

static int send_bounce(uint64_t id)
{
  stralloc envelope = STRALLOC_ZERO;
  struct bounce b = { .id = id };
  b.texts = bounce_open(id, O_RDONLY);
  if (b.texts == -1 || queue_message_open(&b.original, id, false) != QUEUE_READ
      || queue_message_envelope(&b.original, &envelope) != QUEUE_READ) {
    log_line("warning: trouble injecting bounce message, will try later");
    return BOUNCE_LATER;
  }
  char const *sender = envelope_text(&envelope, 'F', "");
  if (!strcmp(sender, "#@[]")) {
    log_line("triple bounce: discarding bounce/%llu", (unsigned long long)id);
    return drop_texts(id);
  }
  if (!*sender && !settings.doublebounceto.len) {
    log_line("double bounce: discarding bounce/%llu", (unsigned long long)id);
    return drop_texts(id);
  }
  return address(&b, sender) ? inject(&b) : BOUNCE_LATER;
}

static _Noreturn void child(uint64_t id)
{
  only_the_log();
  _exit(send_bounce(id));
}

/* ---- the end of a message ---- */

static struct { pid_t pid; struct message *message; } children[CHILDREN];

unsigned bounces_running(void)
{
  unsigned running = 0;
  for (int i = 0; i < CHILDREN; i++)
    if (children[i].pid) running |= 1u << i;
  return running;
}

static void end(struct message *m)
{
  log_line("end msg %llu", (unsigned long long)m->id);
  deferrals_forget(m);
  ask_remove(m);
}

void finish_settle(struct message *m)
{
  struct stat st;
  char path[QUEUE_PATH_MAX];
  queue_path_bounce(path, m->id);
  if (!m->unmarked || (stat(path, &st) == 0 && !bounce_sync(m->id))) return;
  ask_mark_done(m, m->unmarked);
  ask_due(m, CHANNEL_LOCAL, now);
  m->unmarked = 0;
}

static void later(struct message *m)
{
  message_enter(m, FINISHED);
  finish_settle(m);
  schedule_chore(m, now + RETRY_AFTER_TROUBLE);
}

static int free_child(void)
{
  for (int i = 0; i < CHILDREN; i++)
    if (!children[i].pid) return i;
  return -1;
}

static void bounce_begin(struct message *m, int i)
{
  log_flush();
  pid_t pid = fork();
  if (pid == 0) child(m->id);
  if (pid == -1) {
    log_line("warning: unable to start qmail-queue, will try later");
    later(m);
    return;
  }
  message_enter(m, BOUNCING);
  children[i].pid = pid;
  children[i].message = m;
}

void bounces_run(void)
{
  struct message *m;
  int i;
  while (stopping && (m = heap_first(&bounces))) {
    heap_remove(&bounces, m);
    finish_settle(m);
  }
  while ((m = heap_first(&bounces)) && (i = free_child()) != -1) {
    heap_remove(&bounces, m);
    bounce_begin(m, i);
  }
}

unsigned finish_child_ended(pid_t pid, int wstat)
{
  for (int i = 0; i < CHILDREN; i++) {
    if (children[i].pid != pid) continue;
    children[i].pid = 0;
    if (WIFEXITED(wstat) && WEXITSTATUS(wstat) == BOUNCE_DONE) end(children[i].message);
    else later(children[i].message);
    return 1u << i;
  }
  return 0;
}

/* An empty file is what a full disk left of a note that could not be taken. */
void message_finish(struct message *m)
{
  struct stat st;
  char path[QUEUE_PATH_MAX];
  queue_path_bounce(path, m->id);
  for (int c = 0; c < CHANNELS; c++) unschedule(m, (enum channel)c);
  message_enter(m, FINISHED);
  int r = stat(path, &st);
  if (r == 0 && st.st_size == 0) r = unlink(path) == 0 ? (errno = ENOENT, -1) : r;
  if (r == -1 && errno == ENOENT) end(m);
  else if (r == -1) {
    log_line("warning: unable to stat %s; will try again later", path);
    later(m);
  } else {
    m->due[bounces.key] = now;
    heap_add(&bounces, m);
  }
}
