#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/types.h>

#include "bare.h"
#include "bytes.h"
#include "checks.h"
#include "control.h"
#include "date.h"
#include "generic.h"
#include "grant.h"
#include "journal.h"
#include "message.h"
#include "message_id.h"
#include "monotonic.h"
#include "policy.h"
#include "received.h"
#include "reply.h"
#include "session.h"
#include "verdict.h"

enum { MESSAGE_RATE = 500 };    /* bytes in a second, so that a message does not use up the session's time */

struct refusal const *message_refusal(struct message const *m)
{
  return checks_refusal(AT_MESSAGE, &(struct check_subject){ .message = m });
}

static int add_message_id(stralloc *to)
{
  static stralloc host = STRALLOC_ZERO;
  int r = host.len ? 1 : control_line(&host, "idhost");
  if (r == 0) r = control_line(&host, "me");
  if (r == -1) reply_no_controls();
  if (!host.len && !bytes_setx(&host, &policy.greeting)) return 0;
  return bytes_add(to, "Message-ID: ") && message_id(to, host.s, host.len, time(0)) && bytes_addc(to, '\n');
}

static int add_date(stralloc *to)
{
  return bytes_add(to, "Date: ") && date_header(to, time(0)) && bytes_addc(to, '\n');
}

/* ---- bare addresses ---- */

enum { HELD_MAX = 65536 };      /* bytes of a header that is completed; a larger one passes as it is */

/* Of the files that are there; without them all is what me says, as for qmail-inject. */
static void read_rules(struct rewrite_rules *rules)
{
  struct control const controls[] = {
    /* file             kind          goes to         when absent */
    { "defaulthost",    CONTROL_LINE, &rules->host,   CONTROL_ME },
    { "defaultdomain",  CONTROL_LINE, &rules->domain, CONTROL_ME },
    { "plusdomain",     CONTROL_LINE, &rules->plus,   CONTROL_ME },
    { 0 }
  };
  char const *culprit;
  if (!control_load(controls, &culprit)) reply_no_controls();
}

static stralloc const *domain_of_bare(void)
{
  static stralloc domain = STRALLOC_ZERO;
  static struct rewrite_rules rules;
  if (domain.len) return &domain;
  read_rules(&rules);
  bare_domain(&domain, &rules);
  return &domain;
}

static void put_header(struct message *m, char const *s, size_t len)
{
  bool fits = m->holds_header && m->held.len + len <= HELD_MAX;
  if (fits) {
    if (!bytes_addb(&m->held, s, len)) reply_no_memory();
    return;
  }
  if (m->holds_header) queue_client_put(&m->queue, m->held.s, m->held.len);
  m->holds_header = false;
  queue_client_put(&m->queue, s, len);
}

/* Complete first: the names that outsiders know are for whole addresses. */
static stralloc const *finished(stralloc const *header)
{
  static stralloc completed = STRALLOC_ZERO, renamed = STRALLOC_ZERO;
  completed.len = renamed.len = 0;
  bare_complete(&completed, header->s, header->len, domain_of_bare());
  if (!generic_is_used()) return &completed;
  generic_replace_in_header(&renamed, completed.s, completed.len);
  return &renamed;
}

static void let_header_go(struct message *m)
{
  if (!m->holds_header) return;
  m->holds_header = false;
  stralloc const *header = m->header.is_none ? &m->held : finished(&m->held);
  queue_client_put(&m->queue, header->s, header->len);
}

/* Mail of our own users gets what RFC 5322 demands and their programs leave out; that of strangers passes as it is. */
static void complete_header(struct message *m)
{
  static stralloc fields = STRALLOC_ZERO;
  m->completed = true;
  let_header_go(m);
  if (m->header.is_none) return;
  fields.len = 0;
  if (!m->header.has_date && !add_date(&fields)) reply_no_memory();
  if (!m->header.has_id && !add_message_id(&fields)) reply_no_memory();
  if (fields.len) queue_client_put(&m->queue, fields.s, fields.len);
}

static void store(struct message *m, char const *s, size_t len)
{
  size_t in_header = m->completed ? 0 : header_take(&m->header, s, len);
  if (in_header) put_header(m, s, in_header);
  if (!m->completed && m->header.over) complete_header(m);
  if (in_header < len) queue_client_put(&m->queue, s + in_header, len - in_header);
}

static void keep(struct message *m, char const *s, size_t len)
{
  if (m->given_up) return;
  m->bytes += len;
  hops_take(&m->hops, s, len);
  m->given_up = message_refusal(m) != 0;
  if (m->given_up) queue_client_fail(&m->queue);
  else store(m, s, len);
}

/* The time in which a wanted message comes fast enough is no part of the session's: a gigabyte on a slow line takes
   long. A client that was fast has not earned a rest. */
static void give_time(struct message *m)
{
  if (!m->session_end || m->given_up) return;
  time_t spent = monotonic_seconds() - m->began, earned = (time_t)(m->taken / MESSAGE_RATE);
  session.net.session_end = m->session_end + (spent < earned ? spent : earned);
}

void message_put(struct message *m, char const *s, size_t len, size_t taken)
{
  m->taken += taken;
  keep(m, s, len);
  give_time(m);
}

static void describe(struct received *r, struct message *m)
{
  static char id[2 * UINT64_FMT + 1];
  bool hidden = policy.received.client_hidden;
  if (policy.received.id) {
    size_t n = uint64_fmt(id, (uint64_t)time(0));
    id[n++] = '.';
    id[n + uint64_fmt(id + n, queue_client_qp(&m->queue))] = 0;
  }
  *r = (struct received){
    .with = session.protocol == SESSION_QMTP ? "QMTP" : session.protocol == SESSION_QMQP ? "QMQP" : 0,
    .remote_host = hidden ? SESSION_UNKNOWN : session.client.host,
    .remote_ip = hidden ? SESSION_UNKNOWN : session.client.ip,
    .local_host = session.client.local, .remote_info = hidden ? 0 : session.client.info,
    .helo = session.hello.said && !hidden ? session.hello.name.s : 0, .helo_len = session.hello.name.len,
    .extended = session.hello.extended, .secret = session.tls.on, .proven = session.login.name.len > 0,
    .utf8 = session.mail.utf8,
    .id = policy.received.id ? id : 0,
    .only_recipient = policy.received.recipient && session.mail.count == 1 ? session.mail.recipients.s : 0
  };
}

bool message_begin(struct message *m, enum body_policy line_ends)
{
  static stralloc field = STRALLOC_ZERO;
  struct received r;
  if (!queue_client_open(&m->queue)) return false;
  describe(&r, m);
  m->hops = (struct hops){ 0 };
  m->header = (struct header){ 0 };
  m->completed = policy.header_kept || !session_may_relay();
  m->holds_header = !m->completed && session.login.name.len;
  m->held.len = 0;
  m->bytes = m->taken = 0;
  m->began = monotonic_seconds();
  m->session_end = session.net.session_end;
  m->given_up = false;
  body_init(&m->body, line_ends);
  field.len = 0;
  if (!received_field(&field, &r, time(0))) reply_no_memory();
  queue_client_put(&m->queue, field.s, field.len);
  return true;
}

void message_abandon(struct message *m)
{
  queue_client_fail(&m->queue);
  queue_client_close(&m->queue);
}

/* The words of the next line, if there is one. */
static void give_extras(struct message *m, struct field *lines)
{
  struct field word, line = { lines->s, lines->len ? byte_chr(lines->s, lines->len, '\n') : 0 };
  size_t taken = line.len + (line.len < lines->len);
  while ((word = field_word(&line)).len) queue_client_extra(&m->queue, (enum envelope_extra)*word.s, word.s + 1, word.len - 1);
  lines->s += taken;
  lines->len -= taken;
}

static void give_envelope(struct message *m)
{
  stralloc const *all = &session.mail.recipients;
  struct field extras = { session.mail.extras.s, session.mail.extras.len };
  queue_client_from(&m->queue, session.mail.sender.s, session.mail.sender.len);
  give_extras(m, &extras);
  for (char const *s = all->s; s < all->s + all->len; s += strlen(s) + 1) {
    queue_client_to(&m->queue, s, strlen(s));
    give_extras(m, &extras);
  }
}

void message_accepted(struct message *m, void (*say)(struct message *))
{
  struct journal_accepted const a = {
    .ip = session.client.ip, .sender = &session.mail.sender, .recipients = session.mail.count, .bytes = m->bytes,
    .qp = queue_client_qp(&m->queue), .via = session.client.via, .login = session.login.name.len ? session.login.name.s : 0
  };
  /* An accepted message without its answer comes again: the answer does not wait for a log that stands still. */
  bool journal_first = journal_ready();
  if (journal_first) journal_accepted(&a);
  session.tally.accepted++;
  grant_use(session.mail.count);
  say(m);
  if (journal_first) return;
  net_flush(&session.net);
  journal_accepted(&a);
}

struct message_end message_queue(struct message *m)
{
  struct refusal const *no = message_refusal(m);
  if (!no && !m->completed) complete_header(m);
  if (!no) give_envelope(m);
  return (struct message_end){ no, queue_client_close(&m->queue) };
}

static void say_accepted(struct message *m)
{
  char number[UINT64_FMT];
  net_puts(&session.net, REPLY_OK);
  net_puts(&session.net, " ");
  net_put(&session.net, number, uint64_fmt(number, (uint64_t)time(0)));
  net_puts(&session.net, " qp ");
  net_put(&session.net, number, uint64_fmt(number, queue_client_qp(&m->queue)));
  net_puts(&session.net, "\r\n");
}

/* Only what qmail-queue has made durable is answered with 250. */
void message_hand_over(struct message *m)
{
  static struct refusal_made refused;
  struct message_end const end = message_queue(m);
  if (end.no) reply_refuse(end.no);
  else if (!*end.verdict) message_accepted(m, say_accepted);
  else if (verdict_refusal(&refused, end.verdict)) reply_refuse(&refused.refusal);
  else reply_no_memory();
}
