#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "acceptance.h"
#include "accounts.h"
#include "bytes.h"
#include "control.h"
#include "copy_rule.h"
#include "date.h"
#include "home.h"
#include "queue_path.h"
#include "unwaited.h"

/* ---- endings ---- */

#define QUEUE HOME "/queue"

/* An exit code is all the injector sees; the log says what and why. */
static int failed(int code, char const *what)
{
  unwaited_fatal(what);
  return code;
}

static struct { int code; char const *what; } const write_exits[] = {
  [QUEUE_WRITTEN]       = { QUEUE_EXIT_ACCEPTED,      0 },
  [QUEUE_CANNOT_CREATE] = { QUEUE_EXIT_CANNOT_CREATE, "make a file in " QUEUE "/mess" },
  [QUEUE_CANNOT_WRITE]  = { QUEUE_EXIT_CANNOT_WRITE,  "write a message in " QUEUE "/mess" },
  [QUEUE_CANNOT_LINK]   = { QUEUE_EXIT_CANNOT_LINK,   "give a message its name in " QUEUE "/mess" }
};

static int write_failed(enum queue_write_result r)
{
  return failed(write_exits[r].code, write_exits[r].what);
}

/* ---- control ---- */

static struct nameset extra;

/* Of each of its lines: whether somebody is to get a copy by it, and whether he is written down. */
static struct wish { struct copy_rule rule; bool wanted, written; } *wishes;
static size_t wishes_room;

static struct control const controls[] = {
  /* file          kind           goes to  when absent */
  { "queueextra",  CONTROL_NAMES, &extra,  0 },
  { 0 }
};

static bool wishes_begin(void)
{
  if (extra.count > wishes_room) {
    struct wish *more = reallocarray(wishes, extra.count, sizeof *wishes);
    if (!more) return false;
    wishes = more;
    wishes_room = extra.count;
  }
  for (size_t i = 0; i < extra.count; i++) {
    struct nameset_entry const *e = extra.entries + i;
    wishes[i] = (struct wish){ .rule = copy_rule_read(extra.text.s + e->name, e->name_len) };
    wishes[i].wanted = wishes[i].rule.direction == COPY_ALL;
  }
  return true;
}

/* Those that speak of this sender, or recipient. */
static void wishes_meet(enum copy_direction direction, struct envelope_input const *e)
{
  for (struct wish *w = wishes; w < wishes + extra.count; w++)
    if (w->rule.direction == direction && !w->wanted) w->wanted = copy_rule_takes(&w->rule, e->address, e->len);
}

/* Whose files would not be the queue's own would be told so later, when the message cannot be delivered: this program
   is not, or not yet, setuid, or on a file system where that counts for nothing. */
static bool owns_queue(void)
{
  struct stat st;
  return stat("mess", &st) == -1 || st.st_uid == geteuid();
}

static int not_ours(void)
{
  errno = 0;
  return failed(QUEUE_EXIT_NO_QUEUE,
                "use " QUEUE ": it belongs to somebody else; " HOME "/bin/qmail-queue must be setuid qmailq");
}

static int enter_queue(void)
{
  char const *culprit;
  if (chdir(HOME) == -1) return failed(QUEUE_EXIT_NO_HOME, "chdir to " HOME);
  if (!control_load(controls, &culprit))
    return errno == ENOMEM ? QUEUE_EXIT_NO_MEMORY
                           : failed(QUEUE_EXIT_CANNOT_CONFIGURE, "use " HOME "/control/queueextra");
  if (!wishes_begin()) return QUEUE_EXIT_NO_MEMORY;
  if (chdir("queue") == -1) return failed(QUEUE_EXIT_NO_QUEUE, "chdir to " QUEUE);
  return owns_queue() ? QUEUE_EXIT_ACCEPTED : not_ours();
}

/* ---- who calls ---- */

enum { FROM_NETWORK };

static struct { char const *user, *words; bool known; uid_t uid; } callers[] = {
  [FROM_NETWORK] = { "qmaild", "from network", false, 0 },
  { "qmails", "for bounce",   false, 0 },
  { "alias",  "by alias",     false, 0 }
};
enum { CALLERS = sizeof callers / sizeof *callers };

static uid_t caller_uid(size_t i)
{
  if (!callers[i].known) callers[i].uid = account_uid(callers[i].user);
  callers[i].known = true;
  return callers[i].uid;
}

/* As far down the list as needed: the network's messages cost one look-up. */
static char const *words_of(uid_t caller)
{
  for (size_t i = 0; i < CALLERS; i++)
    if (caller_uid(i) == caller) return callers[i].words;
  return 0;
}

void acceptance_know_callers(void)
{
  for (size_t i = 0; i < CALLERS; i++) caller_uid(i);
}

bool acceptance_is_by_us(uid_t caller)
{
  return words_of(caller) != 0;
}

bool acceptance_is_from_network(uid_t caller)
{
  return caller == caller_uid(FROM_NETWORK);
}

static bool add_number(stralloc *line, uint64_t number)
{
  char digits[UINT64_FMT];
  return bytes_addb(line, digits, uint64_fmt(digits, number));
}

static bool add_caller(stralloc *line, uid_t caller)
{
  char const *words = words_of(caller);
  return words ? bytes_add(line, words) : bytes_add(line, "by uid ") && add_number(line, caller);
}

static bool received(stralloc *line, struct acceptance const *a)
{
  return bytes_set(line, "Received: (qmail ") && add_number(line, a->qp)
      && bytes_add(line, " invoked ") && add_caller(line, a->caller)
      && bytes_add(line, "); ") && date_header(line, a->birth) && bytes_addc(line, '\n');
}

/* ---- the message and its envelope ---- */

int acceptance_begin(struct acceptance *a, uid_t caller, uint64_t qp)
{
  static stralloc line = STRALLOC_ZERO;
  a->caller = caller;
  a->qp = qp;
  a->birth = time(0);
  a->complete = a->in_envelope = a->has_recipients = false;
  a->envelope = (struct envelope_input)ENVELOPE_INPUT_ZERO;
  int code = enter_queue();
  if (code) return code;
  if (!received(&line, a)) return QUEUE_EXIT_NO_MEMORY;
  queue_write_begin(&a->writer);
  return acceptance_message(a, line.s, line.len);
}

int acceptance_message(struct acceptance *a, char const *s, size_t len)
{
  queue_write_message(&a->writer, s, len);
  if (!a->writer.failed) return QUEUE_EXIT_ACCEPTED;
  errno = a->writer.error;
  return write_failed(a->writer.failed);
}

static int record(struct acceptance *a, char letter, char const *s, size_t len)
{
  if (a->writer.envelope_len + len + 2 > QUEUE_ENVELOPE_MAX) return QUEUE_EXIT_TOO_LONG;
  queue_write_record(&a->writer, letter, s, len);
  return QUEUE_EXIT_ACCEPTED;
}

static int number_record(struct acceptance *a, char letter, uint64_t number)
{
  char digits[UINT64_FMT];
  return record(a, letter, digits, uint64_fmt(digits, number));
}

static int wish_record(struct acceptance *a, struct wish *w)
{
  if (!w->wanted || w->written) return QUEUE_EXIT_ACCEPTED;
  w->written = true;
  return w->rule.address.len > QUEUE_ADDRESS_MAX ? QUEUE_EXIT_CANNOT_CONFIGURE : record(a, 'T', w->rule.address.s, w->rule.address.len);
}

/* Behind the last record of the message, since those that follow belong to the recipient before; and at the end once more. */
static int extra_recipients(struct acceptance *a)
{
  int code = QUEUE_EXIT_ACCEPTED;
  for (size_t i = 0; !code && i < extra.count; i++) code = wish_record(a, wishes + i);
  return code;
}

static int sender_record(struct acceptance *a)
{
  wishes_meet(COPY_FROM, &a->envelope);
  return record(a, 'F', a->envelope.address, a->envelope.len);
}

static int recipient_record(struct acceptance *a)
{
  int code = a->has_recipients ? QUEUE_EXIT_ACCEPTED : extra_recipients(a);
  a->has_recipients = true;
  wishes_meet(COPY_TO, &a->envelope);
  return code ? code : record(a, 'T', a->envelope.address, a->envelope.len);
}

/* One event: what it means for the file. */
static int take_event(struct acceptance *a, enum envelope_event event)
{
  struct envelope_input const *e = &a->envelope;
  switch (event) {
    case ENVELOPE_MALFORMED: return QUEUE_EXIT_MALFORMED;
    case ENVELOPE_TOO_LONG: return QUEUE_EXIT_TOO_LONG;
    case ENVELOPE_SENDER: return sender_record(a);
    case ENVELOPE_RECIPIENT: return recipient_record(a);
    case ENVELOPE_EXTRA: return record(a, e->letter, e->address, e->len);
    case ENVELOPE_END: a->complete = true; return extra_recipients(a);
    case ENVELOPE_MORE: break;
  }
  return QUEUE_EXIT_ACCEPTED;
}

int acceptance_envelope(struct acceptance *a, char const *s, size_t len)
{
  int code = QUEUE_EXIT_ACCEPTED;
  if (!a->in_envelope) {
    code = number_record(a, 'u', a->caller);
    if (!code) code = number_record(a, 'p', a->qp);
    a->in_envelope = true;
  }
  for (size_t at = 0; !code && !a->complete && at < len;) code = take_event(a, envelope_take(&a->envelope, s, len, &at));
  return code;
}

/* ---- the same, as it comes ---- */

static char block[65536];

static ssize_t read_block(int fd)
{
  ssize_t r;
  do r = read(fd, block, sizeof block); while (r == -1 && errno == EINTR);
  return r;
}

int acceptance_read_message(struct acceptance *a, int fd)
{
  ssize_t n;
  int code = QUEUE_EXIT_ACCEPTED;
  while (!code && (n = read_block(fd)))
    code = n == -1 ? QUEUE_EXIT_CANNOT_READ : acceptance_message(a, block, (size_t)n);
  return code;
}

int acceptance_read_envelope(struct acceptance *a, int fd)
{
  int code = QUEUE_EXIT_ACCEPTED;
  while (!code && !a->complete) {
    ssize_t n = read_block(fd);
    code = n > 0 ? acceptance_envelope(a, block, (size_t)n) : QUEUE_EXIT_CANNOT_READ;
  }
  return code;
}

/* ---- the end ---- */

/* Nobody may listen, or the pipe be full: then qmail-send finds the message by itself. */
static void pull_trigger(uint64_t id)
{
  char line[UINT64_FMT + 1];
  int trigger = open(QUEUE_TRIGGER, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (trigger == -1) return;
  size_t len = uint64_fmt(line, id);
  line[len++] = '\n';
  ssize_t unheard = write(trigger, line, len);
  (void)unheard;
  close(trigger);
}

int acceptance_commit(struct acceptance *a)
{
  uint64_t id;
  enum queue_write_result r = queue_write_commit(&a->writer, (uint64_t)a->birth, &id);
  if (r != QUEUE_WRITTEN) return write_failed(r);
  /* The trigger only after the lock: qmail-send leaves a message alone as long as its writer holds it. */
  acceptance_drop(a);
  pull_trigger(id);
  return QUEUE_EXIT_ACCEPTED;
}

void acceptance_drop(struct acceptance *a)
{
  if (a->writer.fd != -1) queue_write_end(&a->writer);
}
