#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "send.h"
#include "send_clean.h"
#include "send_defer.h"
#include "send_finish.h"
#include "send_log.h"
#include "send_report.h"
#include "send_text.h"
#include "text.h"

enum { CHILDREN = 4 };        /* reports at a time */

/* ---- noting what a sender is to be told ---- */

/* A paragraph is in the file whole or not at all. */
static bool append(int fd, stralloc const *paragraph)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (allwrite(fd, paragraph->s, paragraph->len) == paragraph->len) return true;
  if (ftruncate(fd, st.st_size) == -1) log_line("warning: trouble writing to a bounce file");
  return false;
}

/* A delivery that failed is made again; one that is done is not. */
static char const *const lost[REPORT_KINDS] = {
  [REPORT_FAILURE] = "will try again later", [REPORT_SUCCESS] = "its sender will not hear of a success"
};

static bool note(struct message *m, enum report_kind kind, stralloc const *paragraph)
{
  char path[REPORT_PATH_MAX];
  int fd = report_open(kind, m->id, O_WRONLY | O_APPEND | O_CREAT);
  bool ok = fd != -1 && append(fd, paragraph);
  if (fd != -1 && close(fd) == -1) ok = false;
  report_path(path, kind, m->id);
  if (!ok) log_line("alert: unable to append to %s; %s", path, lost[kind]);
  return ok;
}

bool failure_note(struct message *m, char const *recipient, char const *text, size_t len)
{
  static stralloc paragraph = STRALLOC_ZERO;
  bounce_paragraph(&paragraph, recipient, &routes.envnoathost, text, len);
  return note(m, REPORT_FAILURE, &paragraph);
}

bool success_note(struct message *m, char const *recipient, enum status_action action, char const *text, size_t len)
{
  static stralloc all = STRALLOC_ZERO, paragraph = STRALLOC_ZERO;
  text_set(&all, status_success[action]);
  if (action == STATUS_RELAYED) text_addb(&all, text, len);
  bounce_paragraph(&paragraph, recipient, &routes.envnoathost, all.s, all.len);
  bool ok = note(m, REPORT_SUCCESS, &paragraph);
  m->successes = m->successes || ok;
  return ok;
}

/* What is noted but perhaps not durable. */
static struct noted { struct message *message; size_t offset; enum report_kind kind; } *noted;
static size_t noted_count, noted_room;

static void mark_when_durable(struct message *m, size_t offset, enum report_kind kind)
{
  if (noted_count == noted_room) {
    noted_room = noted_room ? 2 * noted_room : 64;
    noted = memory_resized(noted, noted_room, sizeof *noted);
  }
  noted[noted_count++] = (struct noted){ m, offset, kind };
  m->pending++;
}

void failure_mark(struct message *m, size_t offset)
{
  mark_when_durable(m, offset, REPORT_FAILURE);
}

void success_mark(struct message *m, size_t offset)
{
  mark_when_durable(m, offset, REPORT_SUCCESS);
}

static bool texts_sync(enum report_kind kind, uint64_t id)
{
  char path[REPORT_PATH_MAX];
  int fd = report_open(kind, id, O_WRONLY);
  bool ok = fd != -1 && fdatasync(fd) == 0;
  report_path(path, kind, id);
  if (!ok) log_line("warning: trouble fsyncing %s", path);
  if (fd != -1) close(fd);
  return ok;
}

static int by_message(void const *a, void const *b)
{
  struct noted const *x = a, *y = b;
  if (x->message->id != y->message->id) return x->message->id < y->message->id ? -1 : 1;
  return (int)x->kind - (int)y->kind;
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
    if (!i || noted[i - 1].message != m || noted[i - 1].kind != noted[i].kind) durable = texts_sync(noted[i].kind, m->id);
    if (durable) ask_mark_done(m, noted[i].offset);
    pending_done(m);
  }
  noted_count = 0;
}

/* ---- the end of a message ---- */

/* Of one that tells of a delay the message may end before it does. */
static struct { pid_t pid; struct message *message; uint64_t id; uint32_t fingerprint; } children[CHILDREN];

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

/* Whether there are texts of this kind that were not made durable. */
static bool unsure(struct message const *m, enum report_kind kind)
{
  struct stat st;
  char path[REPORT_PATH_MAX];
  report_path(path, kind, m->id);
  return stat(path, &st) == 0 && !texts_sync(kind, m->id);
}

void finish_settle(struct message *m)
{
  if (!m->unmarked || unsure(m, REPORT_FAILURE) || (m->successes && unsure(m, REPORT_SUCCESS))) return;
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
  if (pid == 0) report_child(m->id);
  if (pid == -1) {
    log_line("warning: unable to start qmail-queue, will try later");
    later(m);
    return;
  }
  message_enter(m, BOUNCING);
  children[i].pid = pid;
  children[i].message = m;
}

void delay_tell(struct message *m, bool sender_is_local)
{
  int i = free_child();
  if (i == -1 || !deferrals_tell(m, true)) return;
  log_flush();
  pid_t pid = fork();
  if (pid == 0) report_delay_child(m->id, m->fingerprint, sender_is_local);
  if (pid == -1) {
    deferrals_tell(m, false);
    return;
  }
  children[i].pid = pid;
  children[i].message = 0;
  children[i].id = m->id;
  children[i].fingerprint = m->fingerprint;
}

/* What could not be told is to be told at the next attempt, if there still is one. */
static void delay_told(struct message *m, uint32_t fingerprint, int wstat)
{
  bool told = WIFEXITED(wstat) && WEXITSTATUS(wstat) == REPORT_DONE;
  if (!told && m && m->state == WAITING && m->fingerprint == fingerprint) deferrals_tell(m, false);
}

static void report_over(struct message *m, int wstat)
{
  if (WIFEXITED(wstat) && WEXITSTATUS(wstat) == REPORT_DONE) end(m);
  else later(m);
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
    if (children[i].message) report_over(children[i].message, wstat);
    else delay_told(message_find(children[i].id), children[i].fingerprint, wstat);
    return 1u << i;
  }
  return 0;
}

/* Whether there is something to tell; an empty file is what a full disk left of a note that could not be taken. False with
   an errno of the system, or 0. */
static bool waits_to_be_told(struct message const *m, enum report_kind kind)
{
  struct stat st;
  char path[REPORT_PATH_MAX];
  report_path(path, kind, m->id);
  int r = stat(path, &st);
  if (r == 0 && st.st_size == 0) r = unlink(path) == 0 ? (errno = ENOENT, -1) : r;
  if (r == -1 && errno != ENOENT) log_line("warning: unable to stat %s; will try again later", path);
  if (r == -1 && errno == ENOENT) errno = 0;
  return r == 0;
}

void message_finish(struct message *m)
{
  for (int c = 0; c < CHANNELS; c++) unschedule(m, (enum channel)c);
  message_enter(m, FINISHED);
  errno = 0;
  bool any = waits_to_be_told(m, REPORT_FAILURE) || (!errno && m->successes && waits_to_be_told(m, REPORT_SUCCESS));
  if (any) {
    m->due[bounces.key] = now;
    heap_add(&bounces, m);
  } else if (errno) later(m);
  else end(m);
}
