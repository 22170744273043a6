#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "queue_client.h"
#include "respond.h"
#include "respond_history.h"
#include "respond_judge.h"
#include "respond_quote.h"
#include "respond_reply.h"
#include "text.h"

enum { NEVER = 100, LATER = 111 };

/* Descriptor 0 or the text, as far as it has been read. */
struct letter { struct mail_header header; stralloc body; buffer in; char space[BUFFER_INSIZE]; };
#define LETTER_ZERO { .header = MAIL_HEADER_ZERO, .body = STRALLOC_ZERO }

static struct respond_task *task;
static struct letter original = LETTER_ZERO, text = LETTER_ZERO;
static struct respond_history history;
static char noted[RESPOND_HISTORY_NAME];            /* the answer that is being made; empty before */

char const *respond_variable(char const *name)
{
  char const *value = getenv(name);
  if (!value) strerr_dief(LATER, name, " is not set: this program is for a line of a .qmail file");
  return value;
}

/* A virtual domain's address begins with the domain where it is delivered: example.net-joe. What a user of the system
   has behind his own name is no address alone. */
static bool is_of_virtual_domain(char const *local, char const *host)
{
  size_t len = strlen(host);
  return strncasecmp(local, host, len) == 0 && local[len] == '-';
}

struct field respond_own_address(void)
{
  static stralloc own = STRALLOC_ZERO;
  char const *ext = respond_variable("EXT"), *host = respond_variable("HOST"), *local = getenv("LOCAL");
  text_set(&own, local && !is_of_virtual_domain(local, host) ? local : ext);
  text_addc(&own, '@');
  text_add(&own, host);
  return (struct field){ text_z(&own), own.len };
}

static bool sender_is_given(void)
{
  return strcmp(task->arsender, "+") != 0 && strcmp(task->arsender, "$") != 0;
}

/* Who answers, in a text that does not say it. */
static struct field from(void)
{
  return sender_is_given() && strchr(task->arsender, '@') ? field_of(task->arsender) : task->own;
}

/* ---- letters ---- */

/* Who has been noted as answered, and is not, would never be. */
static void take_back(void)
{
  if (*noted) respond_history_forget(&history, noted);
}

_Noreturn static void die_unread(char const *name)
{
  take_back();
  strerr_diefusys(LATER, "read ", name);
}

/* False: its header is too long. */
static bool letter_begin(struct letter *l, int fd, char const *name)
{
  buffer_init(&l->in, &buffer_read, fd, l->space, sizeof l->space);
  enum mail_header_result r = mail_header_read(&l->header, &l->in);
  if (r == MAIL_HEADER_UNREADABLE) die_unread(name);
  text_addb(&l->body, l->header.body_start.s, l->header.body_start.len);
  return r == MAIL_HEADER_OK;
}

/* False: there is more than that. */
static bool letter_read(struct letter *l, size_t max, char const *name)
{
  char block[4096];
  while (l->body.len <= max) {
    ssize_t r = buffer_get(&l->in, block, sizeof block);
    if (r < 0 && errno != EPIPE) die_unread(name);
    if (r <= 0) return true;
    text_addb(&l->body, block, (size_t)r);
  }
  l->body.len = max;
  return false;
}

/* qmail-local puts it into the log of deliveries. */
_Noreturn static void end_silent(char const *why)
{
  buffer_puts(buffer_1, "no answer: ");
  buffer_puts(buffer_1, why);
  buffer_putsflush(buffer_1, "\n");
  _exit(0);
}

static int open_text(char const **why)
{
  if (task->open_text) return task->open_text(task, &original.header, why);
  return open(task->text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void read_text(void)
{
  char const *why = 0;
  int fd = open_text(&why);
  if (why) end_silent(why);
  if (fd == -1) strerr_diefusys(LATER, "open ", task->text);
  if (!letter_begin(&text, fd, task->text) || !letter_read(&text, RESPOND_TEXT_MAX, task->text))
    strerr_dief(LATER, task->text, " has more than 1048576 bytes");
  fd_close(fd);
}

static struct field body_of(struct letter const *l)
{
  return (struct field){ l->body.s, l->body.len };
}

/* ---- whether ---- */

static void judge_message(struct field sender)
{
  char const *why;
  enum respond_verdict verdict = respond_judge_sender(&why, sender, task->own);
  if (verdict == RESPOND_ANSWER) verdict = respond_judge_header(&why, &original.header);
  if (verdict == RESPOND_LOOP) strerr_dief(NEVER, "mail is looping: ", why);
  if (verdict == RESPOND_SILENCE) end_silent(why);
}

static void note_answer(struct field sender, time_t now)
{
  history = (struct respond_history){
    open(task->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), task->seconds, task->number
  };
  if (history.directory == -1) strerr_diefusys(LATER, "open ", task->directory);
  switch (respond_history_note(noted, &history, sender, now)) {
    case RESPOND_NOTED: return;
    case RESPOND_ENOUGH: end_silent("its sender has been answered");
    case RESPOND_FULL: end_silent("2000 answers have been given in that time");
    case RESPOND_TROUBLE: strerr_diefusys(LATER, "note the answer in ", task->directory);
  }
}

/* ---- the answer ---- */

static void compose(stralloc *answer, struct field sender, time_t now)
{
  stralloc quoted = STRALLOC_ZERO;
  if (task->quotes && respond_reply_can_quote(&text.header, body_of(&text))) {
    letter_read(&original, RESPOND_QUOTE_MAX, "the message");
    respond_quote(&quoted, &original.header, body_of(&original));
  }
  struct respond_reply const reply = {
    .text = &text.header, .body = body_of(&text), .original = &original.header, .quoted = { quoted.s, quoted.len },
    .to = sender, .from = from(), .now = now
  };
  respond_reply_add(answer, &reply);
  stralloc_free(&quoted);
}

/* RFC 3834 3.3: from nobody, so that no bounce and no other robot answers it, unless somebody wants to see the bounces. */
static char const *send_answer(stralloc const *answer, struct field to)
{
  static struct queue_client q;
  if (!queue_client_open(&q)) return "Zunable to start the queue program";
  queue_client_put(&q, answer->s, answer->len);
  struct field envelope = field_of(sender_is_given() ? task->arsender : "");
  queue_client_from(&q, envelope.s, envelope.len);
  queue_client_to(&q, to.s, to.len);
  return queue_client_close(&q);
}

/* A message that the queue refuses for good is not to bounce the one that was delivered. */
static int answer(struct field sender, time_t now)
{
  stralloc letter = STRALLOC_ZERO;
  compose(&letter, sender, now);
  char const *verdict = send_answer(&letter, sender);
  if (!*verdict) return 0;
  take_back();
  strerr_warnwu("queue the answer: ", verdict + 1);
  return *verdict == 'D' ? 0 : LATER;
}

int respond(struct respond_task *wanted)
{
  task = wanted;
  sig_altignore(SIGPIPE);
  time_t now = time(0);
  struct field sender = field_of(respond_variable("SENDER"));
  if (!letter_begin(&original, 0, "the message")) end_silent("its header is longer than 1048576 bytes");
  judge_message(sender);
  read_text();
  note_answer(sender, now);
  die_nomem_first = take_back;
  return answer(sender, now);
}
