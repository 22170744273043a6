/* qmail-qctl: look at the messages in the queue, hold, release, retry, redirect, delete them, at any time.

   runs as   root or qmails, by hand (qmailctl queue); of root's rights it keeps only those of qmails (rights.h)
   reads     HOME/queue/mess and bounce
   changes   nothing itself while qmail-send runs: that is asked (verb_ask.h), which logs each change with our uid;
             else the files of HOME/queue, with lock/sendmutex held
   prints    on fd 1: the list, or one line for each message that was, or would be, changed
   exits     0, 1 a message that was named is not there, 2 no message fits, 100 wrong use, 111 something could not be read or changed
*/

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "call_ask.h"
#include "die.h"
#include "queue_client.h"
#include "queue_path.h"
#include "report.h"
#include "rights.h"
#include "verb_ask.h"
#include "verb_options.h"
#include "verb_show.h"

#define USAGE "qmail-qctl help|list|show|hold|release|requeue|delete|redirect|reload [ options ] [ number ... ] | call domain"

enum {
  BLOCK = 65536,              /* bytes of a message copied at a time */
  CALL_MS = 10000             /* for the answer of qmail-send */
};

static struct verb_options options;
static uint64_t now;
static int result = 0;
static unsigned long hits;      /* messages that are meant */

static void flush(void)
{
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write ", "the list");
}

/* ---- which messages ---- */

/* What is to be changed is chosen first: a redirected copy must not be found again. */
static struct chosen { uint64_t id; uint32_t fingerprint; } *chosen;
static size_t chosen_count, chosen_room;

static void choose(struct report *r)
{
  if (chosen_count == chosen_room) {
    chosen_room = chosen_room ? 2 * chosen_room : 1024;
    chosen = reallocarray(chosen, chosen_room, sizeof *chosen);
    if (!chosen) die_nomem();
  }
  chosen[chosen_count++] = (struct chosen){ r->message.id, r->message.fingerprint };
}

/* Of what is due only qmail-send knows whether it can be tried, too. */
static struct verb_view view_of(struct report *r)
{
  struct verb_view v = { .now = now, .json = options.json, .reasons = options.reasons };
  struct verb_request look = {
    .verb = VERB_LOOK, .id = r->message.id, .fingerprint = r->message.fingerprint, .choice = { "", "" }, .text = ""
  };
  struct verb_answer a;
  if (options.json || options.reasons || options.wish == WISH_SHOW) report_deferrals(r);
  if (verb_show_is_due(r, now) && verb_look(&look, &a)) {
    v.under_way = a.under_way > 0;
    v.wait = a.recipients;
    memcpy(v.rate, a.rate, sizeof v.rate);
  }
  return v;
}

static void list(struct report *r)
{
  struct verb_view v = view_of(r);
  verb_list(r, &v);
}

static void show(struct report *r)
{
  struct verb_view v = view_of(r);
  if (!verb_show(r, options.message, &v)) result = 111;
}

static void (*const uses[WISHES])(struct report *) = {
  [WISH_LIST] = list, [WISH_SHOW] = show, [WISH_HOLD] = choose, [WISH_RELEASE] = choose, [WISH_REQUEUE] = choose,
  [WISH_DELETE] = choose, [WISH_REDIRECT] = choose
};

static void trouble(uint64_t id, char const *reason)
{
  char number[UINT64_FMT];
  number[uint64_fmt(number, id)] = 0;
  strerr_warnwu("read message ", number, ": ", reason);
  result = 111;
}

/* What comes or goes at this moment is not in the queue. */
static enum queue_read_result look(uint64_t id)
{
  static struct report r = { .envelope = STRALLOC_ZERO };
  enum queue_read_result got = report_load(&r, id);
  if (got == QUEUE_READ && verb_options_want(&options, &r, now)) {
    hits++;
    uses[options.wish](&r);
  }
  if (got == QUEUE_BROKEN) trouble(id, "it is damaged");
  if (got == QUEUE_TROUBLE) trouble(id, strerror(errno));
  return got;
}

static void look_at(uint64_t id)
{
  look(id);
}

static void look_at_named(char const *number)
{
  uint64_t id;
  queue_id_scan(number, strlen(number), &id);
  if (look(id) != QUEUE_ABSENT) return;
  strerr_warnw("no message ", number);
  if (!result) result = 1;
}

static void look_at_all(void)
{
  for (size_t i = 0; i < options.count; i++) look_at_named(options.numbers[i]);
  char const *dir = options.count ? 0 : report_each(look_at);
  if (dir) strerr_diefusys(111, "read ", "queue/", dir);
}

/* ---- changing one ---- */

static struct { enum verb verb; char const *done; bool recipients; } const changes[WISHES] = {
  [WISH_HOLD]     = { VERB_HOLD,     "held",       false },
  [WISH_RELEASE]  = { VERB_RELEASE,  "released",   false },
  [WISH_REQUEUE]  = { VERB_REQUEUE,  "requeued",   false },
  [WISH_DELETE]   = { VERB_DELETE,   "deleted",    true  },
  [WISH_REDIRECT] = { VERB_REDIRECT, "redirected", true  }
};

static void put_number(uint64_t number)
{
  char digits[UINT64_FMT];
  buffer_put(buffer_1, digits, uint64_fmt(digits, number));
}

static void say(uint64_t id, char const *what, char const *more)
{
  put_number(id);
  buffer_puts(buffer_1, what);
  buffer_puts(buffer_1, more);
  buffer_puts(buffer_1, "\n");
}

static void say_done(uint64_t id, struct verb_answer const *a)
{
  put_number(id);
  buffer_puts(buffer_1, " ");
  buffer_puts(buffer_1, changes[options.wish].done);
  if (changes[options.wish].recipients) {
    buffer_puts(buffer_1, ": recipients ");
    put_number(a->recipients);
    buffer_puts(buffer_1, ", under way and left alone ");
    put_number(a->under_way);
  }
  buffer_puts(buffer_1, "\n");
}

static void say_failed(uint64_t id)
{
  char number[UINT64_FMT];
  number[uint64_fmt(number, id)] = 0;
  strerr_warnwu("change message ", number, ": ", errno ? strerror(errno) : "see the log of qmail-send");
  result = 111;
}

static void say_answer(uint64_t id, struct verb_answer const *a)
{
  switch (a->result) {
    case VERB_DONE: say_done(id, a); break;
    case VERB_GONE: say(id, " has ended", ""); break;
    case VERB_HELD: say(id, " is on hold: release it", ""); break;
    case VERB_BUSY: say(id, " is in other hands at the moment", ""); result = 111; break;
    case VERB_FAILED: say_failed(id); break;
  }
}

/* ---- redirecting one ---- */

static bool put_message(struct queue_client *to, struct report const *r)
{
  static char block[BLOCK];
  struct queue_message q;
  if (queue_message_open(&q, r->message.id, true) != QUEUE_READ) return false;
  uint64_t left = q.fingerprint == r->message.fingerprint ? q.message_len : UINT64_MAX;
  while (left && left != UINT64_MAX) {
    ssize_t n = read(q.fd, block, left < BLOCK ? (size_t)left : BLOCK);
    if (n == -1 && errno == EINTR) continue;
    if (n <= 0) break;
    queue_client_put(to, block, (size_t)n);
    left -= (uint64_t)n;
  }
  queue_message_close(&q);
  return left == 0;
}

/* What belongs to the message goes along; what was wished for those it was for ends with them. */
static void put_extras(struct queue_client *to, stralloc const *envelope)
{
  struct queue_record record;
  for (size_t at = 0; queue_envelope_next(envelope, &at, &record) && record.letter != 'T' && record.letter != 'D';)
    if (extra_is_known(record.letter, false) && extra_fits(record.letter, record.text, record.len))
      queue_client_extra(to, (enum envelope_extra)record.letter, record.text, record.len);
}

/* Queues the message anew, as the caller, for the new recipient. The qp of the copy, or 0. */
static uint64_t copy(struct report const *r)
{
  static struct queue_client to;
  rights_take(AS_CALLER);
  if (!queue_client_open(&to)) strerr_diefusys(111, "start ", "qmail-queue");
  rights_take(AS_SEND);
  if (!put_message(&to, r)) queue_client_fail(&to);
  queue_client_from(&to, r->sender, strlen(r->sender));
  put_extras(&to, &r->envelope);
  queue_client_to(&to, options.to, strlen(options.to));
  rights_take(AS_CALLER);
  char const *why = queue_client_close(&to);
  rights_take(AS_SEND);
  if (!*why) return queue_client_qp(&to);
  strerr_warnwu("queue a copy: ", why + 1);
  return 0;
}

/* Claimed, so that nobody gets the old one meanwhile; then copied, durably; then marked. A crash in between doubles. */
static void redirect(struct verb_request *r)
{
  static struct report report = { .envelope = STRALLOC_ZERO, .sender = "" };
  r->verb = VERB_CLAIM;
  struct verb_answer a = verb_ask(r);
  if (a.result != VERB_DONE || !a.recipients) {
    say_answer(r->id, &a);
    return;
  }
  r->verb = VERB_REDIRECT;
  bool there = report_load(&report, r->id) == QUEUE_READ && report.message.fingerprint == r->fingerprint;
  r->qp = there ? copy(&report) : 0;
  if (r->qp) {
    a = verb_ask(r);
    say_answer(r->id, &a);
  } else {
    say(r->id, " is as it was", "");
    result = 111;
  }
}

/* ---- changing them ---- */

static void change(struct chosen const *c)
{
  struct verb_request r = {
    .verb = options.text ? VERB_BOUNCE : changes[options.wish].verb, .id = c->id, .fingerprint = c->fingerprint,
    .choice = options.choice, .text = options.text ? options.text : options.to ? options.to : ""
  };
  if (options.wish == WISH_REDIRECT) {
    redirect(&r);
    return;
  }
  struct verb_answer a = verb_ask(&r);
  say_answer(c->id, &a);
}

/* Each is told of at once: the next may end us. */
static void change_all(void)
{
  for (size_t i = 0; i < chosen_count; i++) {
    if (options.dry) say(chosen[i].id, " would be ", changes[options.wish].done);
    else change(chosen + i);
    flush();
  }
}

/* ---- the beginning ---- */

static void read_options(int argc, char const *const *argv)
{
  char const *culprit, *wrong = verb_options_read(&options, &culprit, argc - 1, argv + 1);
  if (!wrong) return;
  strerr_warn(PROG, ": ", wrong, culprit ? ": " : "", culprit ? culprit : "");
  strerr_dieusage(100, USAGE);
}

static char const help[] =
  "usage: " USAGE "\n"
  "list       a line for each message; -l why each recipient waits, --json for programs\n"
  "show       all that is known, and the header; -m the whole message\n"
  "hold       not tried before its release\n"
  "release    goes on by its schedule\n"
  "requeue    tried now\n"
  "delete     the recipients are done; -b TEXT they have failed\n"
  "redirect   -t ADDRESS gets a copy, the recipients are done\n"
  "call       DOMAIN or @DOMAIN: what waits for it is tried now, also what waits to be called for\n"
  "reload     qmail-send reads its control files again, and has when this ends\n"
  "which      numbers; -A all; -s SENDER -r RECIPIENT -d DOMAIN patterns; -o AGE older, -y AGE younger; -H on hold\n"
  "-n         only tells what would be done\n"
  "man qmail-qctl tells the rest\n";

/* Done when qmail-send has done it; who is started later reads them by himself. */
static int reload(void)
{
  struct verb_request r = { .verb = VERB_RELOAD, .id = 1, .choice = { "", "" }, .text = "" };
  if (verb_ask(&r).result == VERB_DONE) return 0;
  strerr_warnwu("have the control files read again: see the log of qmail-send");
  return 111;
}

/* As a host does itself by ETRN. */
static int call(char const *domain)
{
  struct call c;
  uint32_t messages;
  char number[UINT32_FMT];
  if (!call_read(&c, field_of(domain))) strerr_dief(100, "no domain, and no @domain: ", domain);
  enum call_said said = call_ask(&c, &messages, CALL_MS);
  if (said == CALL_TOO_SOON) strerr_dief(111, "that mail was called for less than a minute ago");
  if (said != CALL_DONE) strerr_diefu(111, "call for mail: qmail-send does not answer");
  number[uint32_fmt(number, messages)] = 0;
  buffer_puts(buffer_1, number);
  buffer_puts(buffer_1, " messages are on their way\n");
  flush();
  return 0;
}

/* A list of nothing is a list; a change of nothing is rarely what was meant. */
static void tell_no_hits(void)
{
  if (hits || result || options.wish == WISH_LIST) return;
  strerr_warnw("no message fits");
  result = 2;
}

/* The copy of a message is no new mail, which a site's own queue program would have to look at. */
static void prepare(void)
{
  sig_ignore(SIGPIPE);
  unsetenv("QMAILQUEUE");
  umask(077);
  now = (uint64_t)time(0);
  rights_begin();
  enter_home();
  if (chdir("queue") == -1) strerr_diefusys(111, "chdir to ", "queue");
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-qctl";
  if (argc == 3 && !strcmp(argv[1], "call")) {
    prepare();
    return call(argv[2]);
  }
  read_options(argc, argv);
  if (options.wish == WISH_HELP) {
    buffer_puts(buffer_1, help);
    flush();
    return 0;
  }
  prepare();
  if (options.wish == WISH_RELOAD) return reload();
  look_at_all();
  tell_no_hits();
  change_all();
  flush();
  return result;
}
