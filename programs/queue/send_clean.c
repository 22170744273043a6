#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "clean.h"
#include "send.h"
#include "send_clean.h"
#include "send_clock.h"
#include "send_control.h"
#include "send_finish.h"
#include "send_intake.h"
#include "send_log.h"
#include "queue_path.h"

enum { ANSWERS = 4096, ASKED_AT_FIRST = 256 };

struct outbox clean_requests = { .bytes = STRALLOC_ZERO };

/* What was asked and not yet answered, oldest first: a ring. */
static struct asked { struct message *message; enum clean_deed deed; } *asked;
static size_t asked_first, asked_count, asked_room;

/* ---- asking ---- */

static void asked_grow(void)
{
  size_t room = asked_room ? 2 * asked_room : ASKED_AT_FIRST;
  struct asked *fresh;
  while (!(fresh = malloc(room * sizeof *fresh))) wait_for_memory();
  for (size_t i = 0; i < asked_count; i++) fresh[i] = asked[(asked_first + i) % asked_room];
  free(asked);
  asked = fresh;
  asked_first = 0;
  asked_room = room;
}

static void ask(struct message *m, struct clean_request const *r)
{
  if (asked_count == asked_room) asked_grow();
  size_t len = clean_requests.bytes.len;
  while (!clean_pack(&clean_requests.bytes, r)) {
    clean_requests.bytes.len = len;
    wait_for_memory();
  }
  asked[(asked_first + asked_count++) % asked_room] = (struct asked){ m, r->deed };
  if (m) m->pending++;
}

void ask_remove(struct message *m)
{
  m->state = REMOVING;
  ask(m, &(struct clean_request){ .deed = CLEAN_REMOVE, .id = m->id });
}

void ask_mark_done(struct message *m, size_t offset)
{
  ask(m, &(struct clean_request){ .deed = CLEAN_MARK_DONE, .id = m->id, .offset = offset });
}

void ask_due(struct message *m, enum channel c, uint64_t when)
{
  ask(m, &(struct clean_request){ .deed = CLEAN_SET_DUE, .id = m->id, .channel = c, .when = clock_to_file(when),
                                   .birth = clock_to_file(m->birth) });
}

void ask_move_aside(struct message *m)
{
  m->state = DAMAGED;
  ask(m, &(struct clean_request){ .deed = CLEAN_MOVE_ASIDE, .id = m->id });
}

void ask_hold(struct message *m, bool on_hold)
{
  ask(m, &(struct clean_request){ .deed = on_hold ? CLEAN_HOLD : CLEAN_RELEASE, .id = m->id });
}

void ask_trigger(void)
{
  ask(0, &(struct clean_request){ .deed = CLEAN_TRIGGER, .id = 1 });
}

void ask_sync(struct message *m)
{
  ask(m, &(struct clean_request){ .deed = CLEAN_SYNC, .id = m->id });
}

/* ---- answers ---- */

/* The name is free, or belongs already to a message that was announced or found meanwhile. */
static void name_is_free(struct message *m)
{
  enum again again = m->again;
  if (!again) {
    message_forget(m);
    return;
  }
  message_reset(m);
  m->announced = again == AGAIN_ANNOUNCED;
  take_in(m);
}

static void succeeded(struct message *m, enum clean_deed deed)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, m->id);
  if (deed == CLEAN_MOVE_ASIDE)
    log_line("alert: %s is damaged, moved to corrupt/%llu", path, (unsigned long long)m->id);
  if (deed == CLEAN_MOVE_ASIDE || deed == CLEAN_REMOVE) name_is_free(m);
}

static void failed(struct message *m, enum clean_deed deed)
{
  unsigned long long id = m->id;
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, m->id);
  switch (deed) {
    case CLEAN_REMOVE:
      log_line("warning: qmail-clean unable to clean up foop/%llu", id);
      finish_settle(m);
      schedule_chore(m, now + RETRY_AFTER_TROUBLE);
      break;
    case CLEAN_MOVE_ASIDE:
      log_line("warning: unable to move damaged %s to corrupt/%llu; will try again later", path, id);
      schedule_chore(m, now + RETRY_AFTER_TROUBLE);
      break;
    case CLEAN_MARK_DONE:
      log_line("warning: trouble marking %s; message will be delivered twice!", path);
      break;
    case CLEAN_SET_DUE:
      log_line("warning: unable to utime %s; message will be retried too soon", path);
      break;
    default: break;             /* send_control says it */
  }
}

static void answered(char answer)
{
  if (!asked_count) return;
  struct asked a = asked[asked_first];
  asked_first = (asked_first + 1) % asked_room;
  asked_count--;
  if (!a.message) {
    trigger_made();
    return;
  }
  pending_done(a.message);
  control_answered(a.message, a.deed, answer == CLEAN_OK);
  if (answer == CLEAN_OK) succeeded(a.message, a.deed);
  else failed(a.message, a.deed);
}

bool clean_answers_read(int fd)
{
  char answers[ANSWERS];
  ssize_t n = read(fd, answers, sizeof answers);
  if (n == -1) return errno == EAGAIN || errno == EINTR;
  for (ssize_t i = 0; i < n; i++) answered(answers[i]);
  return n > 0;
}
