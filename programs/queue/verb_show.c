#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "date.h"
#include "deferral.h"
#include "die.h"
#include "json.h"
#include "queue_path.h"
#include "text.h"
#include "verb_show.h"

enum {
  RECIPIENTS_SHOWN = 3,       /* of each message in a list */
  BLOCK = 65536
};

static struct verb_view const *view;
static uint64_t now;
static stralloc line = STRALLOC_ZERO;

static void print(void)
{
  if (buffer_put(buffer_1, line.s, line.len) < (ssize_t)line.len) strerr_diefusys(111, "write ", "the list");
  line.len = 0;
}

/* ---- words ---- */

static void add_printable(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) text_addc(&line, s[i] < 32 || s[i] > 126 ? '_' : s[i]);
}

static void add_address(char const *s)
{
  text_addc(&line, '<');
  add_printable(s, strlen(s));
  text_addc(&line, '>');
}

/* In the two largest units: "2d3h". */
static void add_duration(uint64_t seconds)
{
  static struct { char unit; uint64_t seconds; } const units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
  size_t i = 0;
  while (i < 3 && seconds < units[i].seconds) i++;
  text_addu(&line, seconds / units[i].seconds);
  text_addc(&line, units[i].unit);
  uint64_t rest = seconds % units[i].seconds;
  if (i == 3 || rest < units[i + 1].seconds) return;
  text_addu(&line, rest / units[i + 1].seconds);
  text_addc(&line, units[i + 1].unit);
}

static uint64_t age_of(struct report const *r)
{
  return now > r->message.birth ? now - r->message.birth : 0;
}

static uint64_t recipients_to_do(struct report const *r)
{
  struct queue_record record;
  uint64_t n = 0;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);) n += record.letter == 'T';
  return n;
}

static uint64_t next_of(struct report const *r)
{
  uint64_t const *due = r->message.due;
  return due[CHANNEL_LOCAL] < due[CHANNEL_REMOTE] ? due[CHANNEL_LOCAL] : due[CHANNEL_REMOTE];
}

bool verb_show_is_due(struct report const *r, uint64_t time)
{
  return !r->message.on_hold && next_of(r) <= time && recipients_to_do(r);
}

static void add_rate(void)
{
  if (!*view->rate) return;
  text_add(&line, " (rate of ");
  add_printable(view->rate, strlen(view->rate));
  text_addc(&line, ')');
}

/* When the message is tried next, in a word or two. What is due may wait for its destination all the same. */
static void add_next(struct report const *r)
{
  uint64_t next = next_of(r);
  if (next <= now) next = now + view->wait;
  if (r->message.on_hold) text_add(&line, "held");
  else if (!recipients_to_do(r)) text_add(&line, "ending");
  else if (view->under_way) text_add(&line, "under way");
  else if (next <= now) text_add(&line, "now");
  else {
    text_add(&line, "in ");
    add_duration(next - now);
    add_rate();
  }
}

/* ---- why it waits ---- */

static bool find_deferral(struct deferral *d, struct report const *r, struct queue_record const *record)
{
  return record->letter == 'T' && deferral_find(d, &r->deferrals, r->message.fingerprint, record->offset);
}

/* A line of its own, below what it is about. */
static void add_deferral(struct report const *r, struct queue_record const *record)
{
  struct deferral d;
  if (!find_deferral(&d, r, record)) return;
  text_add(&line, "\n    deferred ");
  if (!date_header(&line, (time_t)d.when)) die_nomem();
  if (d.host_len != 1 || *d.host != '-') {
    text_add(&line, " at ");
    add_printable(d.host, d.host_len);
  }
  text_add(&line, ": ");
  add_printable(d.text, d.text_len);
}

static void add_reasons(struct report const *r)
{
  struct queue_record record;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);) {
    if (record.letter != 'T') continue;
    text_add(&line, "\n  ");
    add_printable(record.text, record.len);
    add_deferral(r, &record);
  }
}

/* ---- list ---- */

static void list_text(struct report const *r)
{
  struct queue_record record;
  uint64_t shown = 0;
  text_addu(&line, r->message.id);
  text_add(&line, "  ");
  add_duration(age_of(r));
  text_add(&line, "  ");
  text_addu(&line, r->message.message_len);
  text_add(&line, "  ");
  add_next(r);
  text_add(&line, "  ");
  add_address(r->sender);
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);) {
    if (record.letter != 'T' || ++shown > RECIPIENTS_SHOWN) continue;
    text_addc(&line, ' ');
    add_printable(record.text, record.len);
  }
  if (shown > RECIPIENTS_SHOWN) {
    text_add(&line, " and ");
    text_addu(&line, shown - RECIPIENTS_SHOWN);
    text_add(&line, " more");
  }
  if (view->reasons) add_reasons(r);
  text_addc(&line, '\n');
  print();
}

static void add_json(char const *s, size_t len)
{
  if (!json_text(&line, s, len)) die_nomem();
}

static void add_field(char const *name, uint64_t number)
{
  text_add(&line, name);
  text_addu(&line, number);
}

static void add_due(char const *name, struct report const *r, enum channel c)
{
  uint64_t due = r->message.due[c];
  text_add(&line, name);
  if (due == QUEUE_NEVER) text_add(&line, "null");
  else text_addu(&line, due <= now && view->wait ? now + view->wait : due);
}

static void add_json_deferral(struct report const *r, struct queue_record const *record)
{
  struct deferral d;
  if (!find_deferral(&d, r, record)) return;
  add_field(",\"deferred\":{\"time\":", d.when);
  text_add(&line, ",\"host\":");
  add_json(d.host, d.host_len);
  text_add(&line, ",\"text\":");
  add_json(d.text, d.text_len);
  text_addc(&line, '}');
}

static void list_json(struct report const *r)
{
  struct queue_record record;
  add_field("{\"id\":", r->message.id);
  add_field(",\"birth\":", r->message.birth);
  add_field(",\"size\":", r->message.message_len);
  text_add(&line, ",\"sender\":");
  add_json(r->sender, strlen(r->sender));
  text_add(&line, r->message.on_hold ? ",\"held\":true" : ",\"held\":false");
  text_add(&line, r->bouncing ? ",\"bouncing\":true" : ",\"bouncing\":false");
  add_due(",\"due\":{\"local\":", r, CHANNEL_LOCAL);
  add_due(",\"remote\":", r, CHANNEL_REMOTE);
  text_addc(&line, '}');
  if (*view->rate) {
    text_add(&line, ",\"rate\":");
    add_json(view->rate, strlen(view->rate));
  }
  text_add(&line, ",\"recipients\":[");
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);) {
    if (record.letter != 'T' && record.letter != 'D') continue;
    text_add(&line, line.s[line.len - 1] == '}' ? ",{\"address\":" : "{\"address\":");
    add_json(record.text, record.len);
    text_add(&line, record.letter == 'D' ? ",\"done\":true" : ",\"done\":false");
    add_json_deferral(r, &record);
    text_addc(&line, '}');
  }
  text_add(&line, "]}\n");
  print();
}

static void look(struct verb_view const *v)
{
  view = v;
  now = v->now;
}

void verb_list(struct report const *r, struct verb_view const *v)
{
  look(v);
  if (view->json) list_json(r);
  else list_text(r);
}

/* ---- show ---- */

static void show_head(struct report const *r)
{
  struct queue_record record;
  text_add(&line, "message ");
  text_addu(&line, r->message.id);
  text_add(&line, ", ");
  text_addu(&line, r->message.message_len);
  text_add(&line, " bytes\nqueued ");
  if (!date_header(&line, (time_t)r->message.birth)) die_nomem();
  text_add(&line, ", ");
  add_duration(age_of(r));
  text_add(&line, " ago\nnext attempt ");
  add_next(r);
  text_add(&line, "\nfrom ");
  add_address(r->sender);
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);) {
    if (record.letter == 'u') text_add(&line, "\nuid ");
    else if (record.letter == 'p') text_add(&line, "\nqp ");
    else if (record.letter == 'T') text_add(&line, "\nto do ");
    else if (record.letter == 'D') text_add(&line, "\ndone ");
    else continue;
    if (record.letter == 'T' || record.letter == 'D') add_address(record.text);
    else add_printable(record.text, record.len);
    add_deferral(r, &record);
  }
  text_addc(&line, '\n');
  print();
}

/* Foreign text for a terminal: what could steer it is shown as _. */
static void print_text(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    text_addc(&line, (s[i] < 32 && s[i] != '\n' && s[i] != '\t') || s[i] == 127 ? '_' : s[i]);
  print();
}

/* The bytes got; 0 at the end, and, with *ok false, after trouble. */
static size_t read_block(int fd, char *block, size_t len, bool *ok)
{
  ssize_t n;
  do n = read(fd, block, len); while (n == -1 && errno == EINTR);
  if (n == -1) strerr_warnwusys("read ", "a message");
  if (n == -1) *ok = false;
  return n > 0 ? (size_t)n : 0;
}

static bool show_failures(uint64_t id)
{
  static char block[BLOCK];
  char path[QUEUE_PATH_MAX];
  bool ok = true;
  queue_path_bounce(path, id);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd == -1) return errno == ENOENT;
  text_add(&line, "\nfailures that are not yet returned:\n\n");
  print();
  for (size_t n; (n = read_block(fd, block, sizeof block, &ok));) print_text(block, n);
  fd_close(fd);
  return ok;
}

/* Where the empty line begins behind which the body stands; len when it is not in these bytes. */
static size_t header_end(char const *s, size_t len)
{
  if (len && *s == '\n') return 0;
  char const *end = memmem(s, len, "\n\n", 2);
  return end ? (size_t)(end - s) + 1 : len;
}

/* The header, as far as a block goes, or the bytes of the message as they are. A message may end at any moment. */
static bool show_message(uint64_t id, bool whole)
{
  static char block[BLOCK];
  struct queue_message q;
  bool ok = true;
  if (queue_message_open(&q, id, true) != QUEUE_READ) return true;
  text_addc(&line, '\n');
  print();
  for (uint64_t left = q.message_len; left;) {
    size_t n = read_block(q.fd, block, left < BLOCK ? (size_t)left : BLOCK, &ok);
    if (!whole) print_text(block, header_end(block, n));
    else if (buffer_put(buffer_1, block, n) < (ssize_t)n) strerr_diefusys(111, "write ", "a message");
    if (!n || !whole) break;
    left -= n;
  }
  queue_message_close(&q);
  return ok;
}

bool verb_show(struct report const *r, bool whole, struct verb_view const *v)
{
  look(v);
  show_head(r);
  return (!r->bouncing || show_failures(r->message.id)) && show_message(r->message.id, whole);
}
