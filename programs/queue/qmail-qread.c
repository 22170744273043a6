/* qmail-qread: list the messages in the queue with their recipients.

   runs as   root or qmails, by hand; sendmail -bp runs it too
   reads     HOME/queue/mess and bounce; locals, virtualdomains and their kin tell local from remote
   changes   nothing
   prints    on fd 1, troubles too: the family's lines, or with --json one object a message
   exits     0, 100 wrong use, 111 the queue cannot be read
*/

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "date.h"
#include "home.h"
#include "json.h"
#include "report.h"
#include "route.h"
#include "text.h"

#define USAGE "qmail-qread [--json]"

static struct route_table routes;
static stralloc line = STRALLOC_ZERO;        /* what is said of one message */

/* ---- troubles ---- */

static void say(char const *a, char const *b, char const *c, char const *d)
{
  char const *const parts[] = { a, b, c, d, "\n" };
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) buffer_puts(buffer_1, parts[i]);
  buffer_flush(buffer_1);
}

static _Noreturn void fatal(char const *what, char const *which)
{
  say("fatal: unable to ", what, which, "");
  _exit(111);
}

static void trouble(uint64_t id, char const *reason)
{
  char number[UINT64_FMT];
  number[uint64_fmt(number, id)] = 0;
  say("warning: trouble with #", number, ": ", reason);
}

/* ---- one message ---- */

/* Says why if it cannot be read; a message on its way in or out is no trouble. */
static bool load(struct report *r, uint64_t id)
{
  enum queue_read_result result = report_load(r, id);
  if (result == QUEUE_TROUBLE) trouble(id, strerror(errno));
  if (result == QUEUE_BROKEN) trouble(id, "damaged");
  return result == QUEUE_READ;
}

/* Calls back for each recipient of the channel: address as it will be delivered. */
static void each_recipient(struct report const *r, enum channel channel, void (*show)(stralloc const *, bool, int))
{
  static stralloc address = STRALLOC_ZERO;
  struct queue_record record;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);) {
    if (record.letter != 'T' && record.letter != 'D') continue;
    int where = route_surely(&routes, &address, record.text, record.len);
    if (where == -1) die_nomem();
    if (where == (int)channel) show(&address, record.letter == 'D', where);
  }
}

/* ---- as the family shows it ---- */

static char const *const channel_names[CHANNELS] = { [CHANNEL_LOCAL] = "local", [CHANNEL_REMOTE] = "remote" };

static void add_printable(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) text_addc(&line, s[i] < 32 || s[i] > 126 ? '_' : s[i]);
}

static void recipient_line(stralloc const *address, bool done, int channel)
{
  if (done) text_add(&line, "  done");
  text_add(&line, "\t");
  text_add(&line, channel_names[channel]);
  text_add(&line, "\t");
  add_printable(address->s, address->len);
  text_add(&line, "\n");
}

static void add_moment(uint64_t when)
{
  static char const zone[] = " -0000";
  if (!date_header(&line, (time_t)when)) die_nomem();
  line.len -= sizeof zone - 1;
  text_add(&line, " GMT");
}

static void show_text(struct report const *r)
{
  add_moment(r->message.birth);
  text_add(&line, "  #");
  text_addu(&line, r->message.id);
  text_add(&line, "  ");
  text_addu(&line, r->message.message_len);
  text_add(&line, "  <");
  add_printable(r->sender, strlen(r->sender));
  text_add(&line, "> ");
  if (r->bouncing) text_add(&line, " bouncing");
  text_add(&line, "\n");
  for (int c = 0; c < CHANNELS; c++) each_recipient(r, (enum channel)c, recipient_line);
}

/* ---- as programs like it ---- */

static void add_json(char const *s, size_t len)
{
  if (!json_text(&line, s, len)) die_nomem();
}

static void recipient_object(stralloc const *address, bool done, int channel)
{
  if (line.s[line.len - 1] == '}') text_add(&line, ",");
  text_add(&line, "{\"channel\":\"");
  text_add(&line, channel_names[channel]);
  text_add(&line, "\",\"address\":");
  add_json(address->s, address->len);
  text_add(&line, done ? ",\"done\":true}" : ",\"done\":false}");
}

static void add_number_field(char const *name, uint64_t number)
{
  text_add(&line, name);
  text_addu(&line, number);
}

static void add_due(char const *name, uint64_t due)
{
  if (due != QUEUE_NEVER) add_number_field(name, due);
  else {
    text_add(&line, name);
    text_add(&line, "null");
  }
}

static void show_json(struct report const *r)
{
  add_number_field("{\"id\":", r->message.id);
  add_number_field(",\"birth\":", r->message.birth);
  add_number_field(",\"size\":", r->message.message_len);
  text_add(&line, ",\"sender\":");
  add_json(r->sender, strlen(r->sender));
  text_add(&line, r->bouncing ? ",\"bouncing\":true" : ",\"bouncing\":false");
  add_due(",\"due\":{\"local\":", r->message.due[CHANNEL_LOCAL]);
  add_due(",\"remote\":", r->message.due[CHANNEL_REMOTE]);
  text_add(&line, "},\"recipients\":[");
  for (int c = 0; c < CHANNELS; c++) each_recipient(r, (enum channel)c, recipient_object);
  text_add(&line, "]}\n");
}

/* ---- all messages ---- */

static void (*show)(struct report const *) = show_text;

static void list(uint64_t id)
{
  static struct report r = { .envelope = STRALLOC_ZERO };
  if (!load(&r, id)) return;
  line.len = 0;
  show(&r);
  if (buffer_put(buffer_1, line.s, line.len) < (ssize_t)line.len) _exit(111);
}

static void list_all(void)
{
  char const *dir = report_each(list);
  if (!dir) return;
  char const *reason = strerror(errno);
  say("fatal: unable to opendir ", dir, ": ", reason);
  _exit(111);
}

static void enter(char const *dir)
{
  if (chdir(dir) == -1) fatal("chdir: ", strerror(errno));
}

static void read_controls(void)
{
  char const *culprit;
  if (route_load(&routes, &culprit)) return;
  char const *reason = strerror(errno);
  say("fatal: unable to read ", culprit, ": ", reason);
  _exit(111);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-qread";
  if (argc == 2 && !strcmp(argv[1], "--json")) show = show_json;
  else if (argc > 1) strerr_dieusage(100, USAGE);
  enter(HOME);
  read_controls();
  enter("queue");
  list_all();
  return buffer_flush(buffer_1) ? 0 : 111;
}
