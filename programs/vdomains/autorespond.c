/* autorespond: a robot or a vacation notice in a line of a .qmail file.

   runs as   whose .qmail file it is; for a user of a virtual domain the owner of the domain
   reads     the message on descriptor 0; the text of the answer; who has been answered
   changes   a directory with a file for each answer, of which there are 2000 at most
   exits     0 answered, or nothing to answer, 100 the message has been answered before: a loop, 111 trouble, try again
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "die.h"
#include "mail_header.h"
#include "queue_client.h"
#include "respond_history.h"
#include "respond_judge.h"
#include "respond_quote.h"
#include "respond_reply.h"
#include "text.h"

#define USAGE "autorespond seconds number textfile directory [ 0 | 1 [ + | $ | sender ] ]"

enum { NEVER = 100, LATER = 111, TEXT_MAX = 1 << 20 };

/* Descriptor 0 or the text, as far as it has been read. */
struct letter { struct mail_header header; stralloc body; buffer in; char space[BUFFER_INSIZE]; };
#define LETTER_ZERO { .header = MAIL_HEADER_ZERO, .body = STRALLOC_ZERO }

static struct wanted {
  uint64_t seconds, number;
  char const *text, *directory, *arsender;
  bool quotes;
} wanted = { .arsender = "$", .quotes = true };

static stralloc own = STRALLOC_ZERO;                /* the address that was written to */
static struct letter original = LETTER_ZERO, text = LETTER_ZERO;
static struct respond_history history;
static char noted[RESPOND_HISTORY_NAME];            /* the answer that is being made; empty before */

/* ---- what is asked ---- */

static void read_number(uint64_t *to, char const *s)
{
  if (!uint640_scan(s, to)) strerr_dieusage(LATER, USAGE);
}

static void read_arguments(int argc, char const *const *argv)
{
  if (argc < 5 || argc > 7) strerr_dieusage(LATER, USAGE);
  read_number(&wanted.seconds, argv[1]);
  read_number(&wanted.number, argv[2]);
  wanted.text = argv[3];
  wanted.directory = argv[4];
  if (argc > 5) wanted.quotes = strcmp(argv[5], "0") != 0;
  if (argc > 6) wanted.arsender = argv[6];
}

static char const *variable(char const *name)
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

static void read_own_address(void)
{
  char const *ext = variable("EXT"), *host = variable("HOST"), *local = getenv("LOCAL");
  text_set(&own, local && !is_of_virtual_domain(local, host) ? local : ext);
  text_addc(&own, '@');
  text_add(&own, host);
  text_z(&own);
}

static bool sender_is_given(void)
{
  return strcmp(wanted.arsender, "+") != 0 && strcmp(wanted.arsender, "$") != 0;
}

/* Who answers, in a text that does not say it. */
static struct field from(void)
{
  return field_of(sender_is_given() && strchr(wanted.arsender, '@') ? wanted.arsender : own.s);
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

static void read_text(void)
{
  int fd = open(wanted.text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(LATER, "open ", wanted.text);
  if (!letter_begin(&text, fd, wanted.text) || !letter_read(&text, TEXT_MAX, wanted.text))
    strerr_dief(LATER, wanted.text, " has more than 1048576 bytes");
  fd_close(fd);
}

static struct field body_of(struct letter const *l)
{
  return (struct field){ l->body.s, l->body.len };
}

/* ---- whether ---- */

/* qmail-local puts it into the log of deliveries. */
_Noreturn static void end_silent(char const *why)
{
  buffer_puts(buffer_1, "no answer: ");
  buffer_puts(buffer_1, why);
  buffer_putsflush(buffer_1, "\n");
  _exit(0);
}

static void judge_message(struct field sender)
{
  char const *why;
  enum respond_verdict verdict = respond_judge_sender(&why, sender, (struct field){ own.s, own.len });
  if (verdict == RESPOND_ANSWER) verdict = respond_judge_header(&why, &original.header);
  if (verdict == RESPOND_LOOP) strerr_dief(NEVER, "mail is looping: ", why);
  if (verdict == RESPOND_SILENCE) end_silent(why);
}

static void note(struct field sender, time_t now)
{
  history = (struct respond_history){
    open(wanted.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), wanted.seconds, wanted.number
  };
  if (history.directory == -1) strerr_diefusys(LATER, "open ", wanted.directory);
  switch (respond_history_note(noted, &history, sender, now)) {
    case RESPOND_NOTED: return;
    case RESPOND_ENOUGH: end_silent("its sender has been answered");
    case RESPOND_FULL: end_silent("2000 answers have been given in that time");
    case RESPOND_TROUBLE: strerr_diefusys(LATER, "note the answer in ", wanted.directory);
  }
}

/* ---- the answer ---- */

static void compose(stralloc *answer, struct field sender, time_t now)
{
  stralloc quoted = STRALLOC_ZERO;
  if (wanted.quotes && respond_reply_can_quote(&text.header, body_of(&text))) {
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
  struct field envelope = field_of(sender_is_given() ? wanted.arsender : "");
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

int main(int argc, char const *const *argv)
{
  PROG = "autorespond";
  sig_altignore(SIGPIPE);
  read_arguments(argc, argv);
  read_own_address();
  time_t now = time(0);
  struct field sender = field_of(variable("SENDER"));
  if (!letter_begin(&original, 0, "the message")) end_silent("its header is longer than 1048576 bytes");
  judge_message(sender);
  read_text();
  note(sender, now);
  die_nomem_first = take_back;
  return answer(sender, now);
}
