#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "clean.h"
#include "memory.h"
#include "send.h"
#include "send_clean.h"
#include "send_clock.h"

enum { ANSWERS = 4096, ASKED_AT_FIRST = 256 };

struct outbox clean_requests = { .bytes = STRALLOC_ZERO };

/* What was asked and not yet answered, oldest first: a ring. */
static struct asked { struct message *message; enum clean_deed deed; } *asked;
static size_t asked_first, asked_count, asked_room;

/* ---- asking ---- */

static void asked_grow(void)
{
  size_t room = asked_room ? 2 * asked_room : ASKED_AT_FIRST;
  struct asked *fresh = memory_zeroed(room, sizeof *fresh);
  for (size_t i = 0; i < asked_count; i++) fresh[i] = asked[(asked_first + i) % asked_room];
  free(asked);
  asked = fresh;
  asked_first = 0;
  asked_room = room;
}

static void ask(struct message *m, struct clean_request const *r)
{
  if (asked_count == asked_room) asked_grow();
  clean_pack(&clean_requests.bytes, r);
  asked[(asked_first + asked_count++) % asked_room] = (struct asked){ m, r->deed };
  if (!m) return;
  m->pending++;
  m->kept = 0;
}

void ask_remove(struct message *m)
{
  message_enter(m, REMOVING);
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
  message_enter(m, DAMAGED);
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

void ask_drop(uint64_t id)
{
  ask(0, &(struct clean_request){ .deed = CLEAN_DROP, .id = id });
}

void ask_sync(struct message *m)
{
  ask(m, &(struct clean_request){ .deed = CLEAN_SYNC, .id = m->id });
}

/* ---- answers ---- */

static char answers[ANSWERS];
static size_t answers_len, answers_at;

bool clean_answers_read(int fd)
{
  ssize_t n = read(fd, answers, sizeof answers);
  answers_at = 0;
  answers_len = n > 0 ? (size_t)n : 0;
  return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
}

bool clean_answer_next(struct clean_reply *a)
{
  if (answers_at == answers_len || !asked_count) return false;
  struct asked const *oldest = asked + asked_first;
  *a = (struct clean_reply){ oldest->message, oldest->deed, answers[answers_at++] == CLEAN_OK };
  asked_first = (asked_first + 1) % asked_room;
  asked_count--;
  return true;
}
