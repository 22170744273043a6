#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "envelope_words.h"
#include "queue_message.h"
#include "queue_path.h"
#include "rights.h"
#include "route.h"
#include "send_schedule.h"
#include "send_text.h"
#include "text.h"
#include "verb_files.h"

/* ---- bounces ---- */

static struct route_table routes;

/* For the host of an address without one. */
static void read_controls(void)
{
  static bool known;
  char const *culprit;
  if (known) return;
  enter_home();
  if (!route_load(&routes, &culprit)) strerr_diefusys(111, "read ", culprit);
  if (chdir("queue") == -1) strerr_diefusys(111, "chdir to ", "queue");
  known = true;
}

/* All texts are in the file, durable, or none. */
static bool note(uint64_t id, stralloc const *texts)
{
  char path[QUEUE_PATH_MAX];
  struct stat st;
  queue_path_bounce(path, id);
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd == -1) return false;
  bool ok = fstat(fd, &st) == 0;
  if (ok && (allwrite(fd, texts->s, texts->len) < texts->len || fsync(fd) == -1)) {
    int e = errno;
    ok = false;
    if (ftruncate(fd, st.st_size) == -1) strerr_warnwusys("take a failure back from ", path);
    errno = e;
  }
  fd_close(fd);
  return ok;
}

/* A new name is durable with its directory. */
static bool note_name(void)
{
  int dir = open("bounce", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = dir != -1 && fsync(dir) == 0;
  if (dir != -1) fd_close(dir);
  return ok;
}

static bool bounce(struct verb_request const *r, stralloc const *envelope)
{
  stralloc texts = STRALLOC_ZERO, one = STRALLOC_ZERO, his = STRALLOC_ZERO;
  struct queue_record record;
  read_controls();
  for (size_t at = 0; queue_envelope_next(envelope, &at, &record);) {
    if (record.letter != 'T' || !choice_takes(&r->choice, record.text, record.len)) continue;
    envelope_words_of(&his, envelope, record.offset);
    if (!envelope_words_want_failure(&his)) continue;
    bounce_paragraph(&one, record.text, &routes.envnoathost, r->text, strlen(r->text));
    text_addb(&texts, one.s, one.len);
  }
  bool ok = !texts.len || (note(r->id, &texts) && note_name());
  stralloc_free(&texts);
  stralloc_free(&one);
  stralloc_free(&his);
  return ok;
}

/* ---- recipients ---- */

static bool mark(struct verb_request const *r, stralloc const *envelope, struct verb_answer *a)
{
  struct queue_record record;
  if (r->verb != VERB_CLAIM) rights_take(AS_QUEUE);
  for (size_t at = 0; queue_envelope_next(envelope, &at, &record);) {
    if (record.letter != 'T' || !choice_takes(&r->choice, record.text, record.len)) continue;
    a->recipients++;
    if (r->verb != VERB_CLAIM && !queue_message_mark_done(r->id, record.offset)) return false;
  }
  return true;
}

/* With nobody left the message ends at the next start, held or not. */
static bool end_if_empty(struct verb_request const *r, struct queue_message const *q, stralloc const *envelope)
{
  struct queue_record record;
  for (size_t at = 0; queue_envelope_next(envelope, &at, &record);)
    if (record.letter == 'T' && !choice_takes(&r->choice, record.text, record.len)) return true;
  return queue_message_set_hold(r->id, false)
      && queue_message_set_due(r->id, CHANNEL_LOCAL, (uint64_t)time(0), q->birth);
}

/* The text before the mark, as qmail-send does it. */
static bool do_recipients(struct verb_request const *r, struct queue_message *q, struct verb_answer *a)
{
  static stralloc envelope = STRALLOC_ZERO;
  enum queue_read_result got = queue_message_envelope(q, &envelope);
  if (got == QUEUE_BROKEN) errno = EINVAL;
  if (got != QUEUE_READ || (r->verb == VERB_BOUNCE && !bounce(r, &envelope)) || !mark(r, &envelope, a)) return false;
  return r->verb == VERB_CLAIM || (end_if_empty(r, q, &envelope) && queue_message_sync(r->id));
}

/* ---- the message as a whole ---- */

static bool do_hold(struct verb_request const *r, struct queue_message *q, struct verb_answer *a)
{
  (void)q;
  (void)a;
  rights_take(AS_QUEUE);
  return queue_message_set_hold(r->id, r->verb == VERB_HOLD) && queue_message_sync(r->id);
}

/* 0 is left alone: never tried. */
static bool do_requeue(struct verb_request const *r, struct queue_message *q, struct verb_answer *a)
{
  uint64_t now = (uint64_t)time(0);
  if (q->on_hold) a->result = VERB_HELD;
  if (q->on_hold) return true;
  rights_take(AS_QUEUE);
  for (int c = 0; c < CHANNELS; c++)
    if (q->due[c] > now && q->due[c] != SCHEDULE_NEVER
        && !queue_message_set_due(r->id, (enum channel)c, now, q->birth)) return false;
  return queue_message_sync(r->id);
}

static bool (*const deeds[VERBS])(struct verb_request const *, struct queue_message *, struct verb_answer *) = {
  [VERB_HOLD] = do_hold, [VERB_RELEASE] = do_hold, [VERB_REQUEUE] = do_requeue, [VERB_DELETE] = do_recipients,
  [VERB_BOUNCE] = do_recipients, [VERB_CLAIM] = do_recipients, [VERB_REDIRECT] = do_recipients
};

struct verb_answer verb_files_do(struct verb_request const *r)
{
  struct verb_answer a = { .result = VERB_GONE };
  struct queue_message q;
  if (r->verb == VERB_RELOAD) return (struct verb_answer){ .result = VERB_DONE };     /* the next start reads them */
  switch (queue_message_open(&q, r->id, true)) {
    case QUEUE_READ: break;
    case QUEUE_ABSENT: return a;
    case QUEUE_UNFINISHED: a.result = VERB_BUSY; return a;
    case QUEUE_BROKEN: errno = EINVAL; a.result = VERB_FAILED; return a;
    case QUEUE_TROUBLE: a.result = VERB_FAILED; return a;
  }
  if (q.fingerprint == r->fingerprint) {
    a.result = VERB_DONE;
    if (!deeds[r->verb](r, &q, &a)) a.result = VERB_FAILED;
  }
  queue_message_close(&q);
  rights_take(AS_SEND);
  return a;
}
