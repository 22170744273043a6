#include <sys/wait.h>

#include <skalibs/djbunix.h>

#include "queue_path.h"
#include "send.h"
#include "send_asker.h"
#include "send_clean.h"
#include "send_control.h"
#include "send_delivery.h"
#include "send_destination.h"
#include "send_events.h"
#include "send_finish.h"
#include "send_intake.h"
#include "send_jobs.h"
#include "send_log.h"
#include "text.h"

/* ---- reports ---- */

static char const too_long[] = "I'm not going to try again; this message has been in the queue too long.\n";

/* The last pass makes failures of deferrals. */
static void last_word(struct delivery_report *r, struct job const *job)
{
  static stralloc text = STRALLOC_ZERO;
  bool ended = r->len && r->text[r->len - 1] == '\n';
  if (r->letter != 'Z' || !job_is_last(job, r->slot)) return;
  text_setb(&text, r->text, r->len);
  if (r->len && !ended) text_addc(&text, '\n');
  text_add(&text, too_long);
  r->letter = 'D';
  r->text = text.s;
  r->len = text.len;
}

static void log_verdict(struct delivery_report const *r)
{
  unsigned long number = r->slot->number;
  char const *word = r->letter == 'K' ? "success" : r->letter == 'D' ? "failure"
                   : r->letter == 'Z' || r->letter == WIRE_ENDED ? "deferral" : 0;
  if (word) log_line("delivery %lu: %s: %s", number, word, log_safe(r->text, r->len));
  else log_line("delivery %lu: report mangled, will defer", number);
}

/* The destination, the log, the place that is free again, the message; the slot with its texts last. */
static void delivered(enum channel c, struct delivery_report *r)
{
  delivery_count(r);
  last_word(r, r->slot->message->job[c]);
  log_verdict(r);
  if (delivery_command_ended(c, r->slot)) jobs_wake();
  log_status();
  job_reported(c, r);
  delivery_give_back(c, r->slot);
}

static void light(enum channel c, struct delivery_report const *r)
{
  delivery_is_light(c, r->slot);
  jobs_wake();
}

static void question_answered(enum channel c, struct delivery_report const *r)
{
  bool known = r->letter == 'W' && r->len <= WIRE_DESTINATION_MAX;
  if (destination_answered(c, r->question, r->text, known ? r->len : 0)) jobs_wake();
  else log_unexpected();
}

void events_reports(enum channel c)
{
  struct delivery_report r;
  delivery_reports_read(c);
  while (delivery_report_next(c, &r)) {
    if (!r.slot) question_answered(c, &r);
    else if (r.letter == WIRE_LIGHT) light(c, &r);
    else delivered(c, &r);
  }
}

void events_questions(void)
{
  unsigned number;
  char const *name;
  for (int c = 0; c < CHANNELS; c++)
    while (destination_question_next((enum channel)c, &number, &name)) delivery_ask((enum channel)c, number, name);
}

/* ---- answers of qmail-clean ---- */

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
    log_line("alert: %s is damaged, moved to corrupt/%llu; after a power cut it may be one that was being written, and was not accepted",
             path, (unsigned long long)m->id);
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

static void answered(struct clean_reply const *a)
{
  if (!a->message) {
    trigger_made();
    return;
  }
  pending_done(a->message);
  control_answered(a->message, a->deed, a->ok);
  if (a->ok) succeeded(a->message, a->deed);
  else failed(a->message, a->deed);
}

bool events_answers(int fd)
{
  struct clean_reply a;
  bool alive = clean_answers_read(fd);
  while (clean_answer_next(&a)) answered(&a);
  return alive;
}

/* ---- children ---- */

/* The spawners are children as well; their pipes tell when they end. */
void events_children(void)
{
  int wstat;
  pid_t pid;
  while ((pid = wait_nohang(&wstat)) > 0) {
    unsigned ended = finish_child_ended(pid, wstat);
    if (ended) bounces_over(ended);
  }
}

/* ---- requests ---- */

/* Passes that a request has stopped end before it goes on, in the next turn. */
bool events_requests(void)
{
  bool any = control_run();
  struct asker *a;
  while ((a = asker_next())) {
    if (a->fd) control_request(a);
    else control_gone(a);
    any = true;
  }
  return any;
}
