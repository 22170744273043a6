#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "net.h"
#include "netstring_length.h"
#include "qmtp.h"
#include "remote_keep.h"
#include "remote_qmtp.h"
#include "remote_recipients.h"
#include "remote_report.h"
#include "remote_sentence.h"
#include "text.h"

enum { MXPS_FIRST = 12800, MXPS_LAST = 13055, MXPS_PROTOCOLS = 16, MXPS_QMTP = 1 };

static char const cannot_read[] = "Unable to read message. (#4.3.0)\n";

/* The exchange. What a jump must leave as it was is nobody's local variable. */
static struct {
  struct session const *session;
  struct net net;
  jmp_buf over;
  bool all_sent;            /* somebody may have the message */
  size_t asked;             /* recipients that were named */
  stralloc text, acceptance;
} exchange;

bool qmtp_is_meant(struct smtp_route const *relay, uint32_t preference)
{
  if (relay) return relay->port == QMTP_PORT && !relay->tls;
  return preference >= MXPS_FIRST && preference <= MXPS_LAST && preference % MXPS_PROTOCOLS == MXPS_QMTP;
}

bool qmtp_can_send(struct message const *m)
{
  return m->seekable && m->size < NETSTRING_LENGTH_MAX;
}

/* ---- what is said ---- */

static void describe(enum sentence s)
{
  exchange.text.len = 0;
  sentence_add(&exchange.text, s, exchange.session->connection->ip);
}

/* All share the fate of those who were not answered. */
static _Noreturn void conclude(char letter)
{
  static stralloc giving_up = STRALLOC_ZERO;
  stralloc const *said = exchange.acceptance.len ? &exchange.acceptance : &exchange.text;
  giving_up.len = 0;
  sentence_add(&giving_up, GIVING_UP, exchange.session->connection->ip);
  text_z(&giving_up);
  recipients_report(exchange.acceptance.len ? 'K' : letter, giving_up.s);
  report_message(exchange.acceptance.len ? 'K' : letter, said->s, said->len);
}

static _Noreturn void put_off(void)
{
  recipients_all_stand(TAKEN, PUT_OFF, exchange.text.s, exchange.text.len);
  conclude('Z');
}

/* Half a package is none: nothing more is said. */
static _Noreturn void cannot_be_read(void)
{
  exchange.text.len = 0;
  text_add(&exchange.text, cannot_read);
  put_off();
}

/* ---- the package ---- */

static _Noreturn void lost(struct net *n, enum net_loss loss)
{
  (void)n, (void)loss;
  longjmp(exchange.over, 1);
}

static void say(stralloc const *s)
{
  net_put(&exchange.net, s->s, s->len);
}

static void say_message(struct message const *m)
{
  static char block[65536];
  static stralloc before = STRALLOC_ZERO;
  struct stat st;
  if (fstat(m->fd, &st) == -1 || st.st_size < m->begin || !message_rewind(m)) cannot_be_read();
  uint64_t left = (uint64_t)(st.st_size - m->begin);
  before.len = 0;
  if (!qmtp_begin(&before, left)) report_nomem();
  say(&before);
  for (ssize_t r; left; left -= (uint64_t)r) {
    r = message_read(m, block, left < sizeof block ? (size_t)left : sizeof block);
    if (r <= 0) cannot_be_read();
    net_put(&exchange.net, block, (size_t)r);
  }
}

static void say_envelope(struct session const *s)
{
  static stralloc behind = STRALLOC_ZERO;
  struct field *to = malloc(exchange.asked * sizeof *to);
  behind.len = 0;
  if (!to) report_nomem();
  for (size_t i = 0; i < exchange.asked; i++) to[i] = field_of(s->bare_recipients[recipient_chosen(i)]);
  int done = qmtp_end(&behind, field_of(s->bare_sender), to, exchange.asked);
  free(to);
  if (!done) report_nomem();
  say(&behind);
}

static void say_package(struct session const *s)
{
  say_message(s->message);
  say_envelope(s);
  net_flush(&exchange.net);
  exchange.all_sent = true;
}

/* ---- the answers ---- */

static _Noreturn void senseless(void)
{
  describe(SENSELESS_LATE);
  report_contact(REPORT_REACHED);
  put_off();
}

static bool is_control(char c)
{
  return (unsigned char)c < ' ' || c == 127;
}

static void describe_answer(enum sentence s, struct qmtp_answer const *a)
{
  describe(s);
  text_add(&exchange.text, "Remote host said: ");
  for (size_t i = 0; i < a->len; i++) text_addc(&exchange.text, is_control(a->text[i]) ? '?' : a->text[i]);
  text_add(&exchange.text, "\n");
}

static void recipient_is_answered(size_t number, struct qmtp_answer const *a)
{
  if (a->verdict == 'K') {
    describe_answer(ACCEPTED, a);
    if (!exchange.acceptance.len) text_addb(&exchange.acceptance, exchange.text.s, exchange.text.len);
    recipient_stands(number, DELIVERED, "", 0);
  } else {
    describe_answer(RECIPIENT_DISLIKED, a);
    recipient_was_answered(number, a->verdict == 'D' ? REFUSED : PUT_OFF, exchange.text.s, exchange.text.len);
  }
}

static void hear_answers(struct session const *s)
{
  exchange.net.timeout = s->times.dot;
  for (size_t i = 0; i < exchange.asked; i++) {
    static struct qmtp_answer a;
    enum qmtp_state state = QMTP_MORE;
    qmtp_answer_start(&a);
    while (state == QMTP_MORE) state = qmtp_answer_take(&a, net_getc(&exchange.net));
    if (state == QMTP_SENSELESS) senseless();
    recipient_is_answered(recipient_chosen(i), &a);
  }
}

/* ---- the whole of it ---- */

static void begin(struct session const *s)
{
  exchange.session = s;
  exchange.all_sent = false;
  exchange.text.len = exchange.acceptance.len = 0;
  recipients_begin(s->count);
  for (size_t i = 0; i < s->count; i++)
    if (!s->recipients[i]) recipient_stands(i, REFUSED, UNSAYABLE_RECIPIENT, strlen(UNSAYABLE_RECIPIENT));
  exchange.asked = recipients_choose(s->count);
  for (size_t i = 0; i < exchange.asked; i++) recipient_stands(recipient_chosen(i), TAKEN, "", 0);
  net_init(&exchange.net, s->connection->in, s->connection->out, s->times.data, s->times.whole, lost);
}

static struct session_failure died(void)
{
  describe(exchange.all_sent ? DIED_LATE : DIED);
  report_contact(REPORT_UNREACHED);
  if (exchange.all_sent) put_off();
  return (struct session_failure){ .why = sentence_in_short(DIED), .text = &exchange.text };
}

struct session_failure qmtp_run(struct session const *s, bool kept)
{
  begin(s);
  if (setjmp(exchange.over)) return died();
  if (exchange.asked) {
    say_package(s);
    hear_answers(s);
  }
  report_contact(REPORT_REACHED);
  if (exchange.net.begin == exchange.net.end) keep_leave(s->connection, kept, s->host, 0);
  describe(GIVING_UP);
  conclude('D');
}
