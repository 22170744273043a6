#include <string.h>

#include <skalibs/strerr.h>

#include "address_utf8.h"
#include "bytes.h"
#include "checks.h"
#include "dnslists.h"
#include "frozen.h"
#include "grant.h"
#include "message.h"
#include "monotonic.h"
#include "moved.h"
#include "own_sender.h"
#include "path.h"
#include "policy.h"
#include "rcpthosts.h"
#include "relayed.h"
#include "reply.h"
#include "session.h"
#include "text.h"
#include "unwanted.h"
#include "users_ask.h"
#include "whose.h"

enum { FROZEN_SECONDS = 5 };

/* Each check gives its refusal; null: it has no opinion. */
typedef struct refusal const *check(struct check_subject const *);

bool checks_list_has(struct unwanted *list, stralloc const *name)
{
  int r = unwanted_has(list, name->s, name->len);
  if (r == -1) reply_no_memory();
  return r;
}

/* ---- addresses ---- */

static struct refusal const *check_parameters(struct check_subject const *s)
{
  static struct refusal const *const refusals[] = {
    [PARAMETERS_OK] = 0, [PARAMETERS_UNKNOWN] = &REPLY_UNKNOWN_PARAMETER,
    [PARAMETERS_BAD_VALUE] = &REPLY_BAD_VALUE
  };
  return refusals[s->parameters];
}

static struct refusal const *check_hyphen(struct check_subject const *s)
{
  return path_is_like_an_option(s->address) ? &REPLY_HYPHEN : 0;
}

/* RFC 6531 3.5 */
static struct refusal const *check_utf8(struct check_subject const *s)
{
  switch (session.command.utf8) {
    case ADDRESS_ASCII: return 0;
    case ADDRESS_NOT_UTF8: return &REPLY_NOT_UTF8;
    case ADDRESS_NO_DOMAIN: return &REPLY_NO_SUCH_DOMAIN;
    default: return s->utf8 ? 0 : session.command.of_recipient ? &REPLY_UTF8_RECIPIENT : &REPLY_UTF8_SENDER;
  }
}

static struct refusal const *check_announced_size(struct check_subject const *s)
{
  return policy.databytes && s->size > policy.databytes ? &REPLY_TOO_LARGE : 0;
}

/* ---- may this client send, as whom? ---- */

static struct refusal const *check_proof(struct check_subject const *s)
{
  (void)s;
  return policy.auth.required && !session.login.name.len ? &REPLY_AUTH_FIRST : 0;
}

/* Nobody minds who has written a report, whose sender is empty. */
static struct refusal const *check_login(struct check_subject const *s)
{
  struct field const login = { session.login.name.s, session.login.name.len };
  if (!login.len || !s->address->len) return 0;
  switch (own_sender(login, (struct field){ s->address->s, s->address->len })) {
    case SENDER_OWN: return 0;
    case SENDER_OF_ANOTHER: return &REPLY_NOT_YOUR_SENDER;
    default: return &REPLY_CANNOT_TELL_SENDER;
  }
}

/* Who was let in before he was frozen: looked at each five seconds at most. */
static struct refusal const *check_frozen(struct check_subject const *s)
{
  static time_t looked_until;
  static bool looked;
  time_t now = monotonic_seconds();
  (void)s;
  if (!session.login.name.len || (looked && now < looked_until)) return 0;
  int r = frozen((struct field){ session.login.name.s, session.login.name.len });
  if (r == -1) return &REPLY_CANNOT_TELL_SENDER;
  looked = !r;
  looked_until = now + FROZEN_SECONDS;
  return r ? &REPLY_FROZEN : 0;
}

/* Last of all: only what would be taken is asked about. */
static struct refusal const *check_limit_of_messages(struct check_subject const *s)
{
  return grant_refusal_of_message(s->address);
}

/* ---- may this recipient have mail from this client? ---- */

static struct refusal const *check_client(struct check_subject const *s)
{
  (void)s;
  return policy.blocked.text.len ? &policy.blocked.refusal : 0;
}

static struct refusal const *check_somebody(struct check_subject const *s)
{
  return s->address->len ? 0 : &REPLY_NOBODY;
}

static struct refusal const *check_sender(struct check_subject const *s)
{
  (void)s;
  return session.mail.unwanted ? &REPLY_UNWANTED_SENDER : 0;
}

/* Users' programs call themselves what they like, and are known otherwise. */
static struct refusal const *check_hello(struct check_subject const *s)
{
  (void)s;
  if (!session.hello.said || session_may_relay()) return 0;
  return checks_list_has(&policy.unwanted.hellos, &session.hello.name) ? &REPLY_UNWANTED_HELLO : 0;
}

/* A box of this host is known by its composed form, in which U+212A is a K. */
static stralloc const *as_delivered(stralloc const *address)
{
  static stralloc composed = STRALLOC_ZERO;
  if (session.command.utf8 != ADDRESS_UTF8) return address;
  text_setb(&composed, address->s, address->len);
  if (!address_utf8_compose(&composed)) reply_no_memory();
  return &composed;
}

static struct refusal const *check_recipient(struct check_subject const *s)
{
  struct unwanted *list = &policy.unwanted.recipients;
  stralloc const *delivered = as_delivered(s->address);
  bool has = checks_list_has(list, s->address) || (delivered != s->address && checks_list_has(list, delivered));
  return has ? &REPLY_UNWANTED_RECIPIENT : 0;
}

/* Who has logged in lately to read mail may send it to anybody, where the rule for his address says so: asked once, of the
   service that knows, and by nobody who needs it not. */
static struct refusal const *check_roaming(void)
{
  static struct users_heard heard;
  struct field const ip = { session.client.ip, strlen(session.client.ip) };
  if (!session.client.may_roam) return &REPLY_NOT_OURS;
  switch (users_ask(&heard, &(struct users_question){ .verb = USERS_ROAMING, .client_ip = ip }, 1000 * WHOSE_SECONDS)) {
    case SAID_LET_IN: session.client.suffix = ""; return 0;
    case SAID_NOBODY: session.client.may_roam = false; return &REPLY_NOT_OURS;
    default: return &REPLY_CANNOT_TELL;
  }
}

static struct refusal const *check_relaying(struct check_subject const *s)
{
  if (session_may_relay()) return 0;
  int r = rcpthosts_takes(&policy.rcpthosts, s->address->s, s->address->len);
  if (r == -1) {
    char const *either = policy.rcpthosts.names.cdb ? "control/rcpthosts.cdb or " : "";
    strerr_warnwusys("read ", either, "control/morercpthosts.cdb");
    reply_no_controls();
  }
  return r ? 0 : check_roaming();
}

/* Whose mail would not be taken anyway is not waited for. */
static struct refusal const *check_lists(struct check_subject const *s)
{
  return dnslists_refusal(s->address);
}

static struct refusal const *check_count(struct check_subject const *s)
{
  (void)s;
  return session.mail.count >= policy.recipients_max ? &REPLY_TOO_MANY_RECIPIENTS : 0;
}

/* Told to those only from whom we would take it. */
static struct refusal const *check_moved(struct check_subject const *s)
{
  static struct refusal_made no;
  struct field const address = { s->address->s, s->address->len };
  struct field now;
  int r = nameset_find(&policy.moved, address.s, address.len, &now);
  if (r == 0) return 0;
  if (r == -1) return &REPLY_CANNOT_LOOK;
  no.text.len = 0;
  if (!moved_sentence(&no.text, address, now) || !bytes_end(&no.text)) reply_no_memory();
  no.refusal = (struct refusal){ 550, "5.1.6", no.text.s };
  return &no.refusal;
}

/* Nobody but a stranger: to one's own users the bounce is told. */
static struct refusal const *check_relayed(stralloc const *address)
{
  static struct refusal const *const refusals[] = {
    [RELAYED_TAKEN] = 0, [RELAYED_NOBODY] = &REPLY_NO_MAILBOX, [RELAYED_UNREADABLE] = &REPLY_CANNOT_LOOK
  };
  return session_may_relay() ? 0 : refusals[relayed_said((struct field){ address->s, address->len })];
}

/* With a suffix the recipient goes elsewhere. */
static struct refusal const *check_mailbox(struct check_subject const *s)
{
  static struct whose whose = WHOSE_ZERO;
  if (policy.mailboxes_unchecked || (session.client.suffix && *session.client.suffix)) return 0;
  switch (whose_ask(&whose, s->address->s, s->address->len, WHOSE_AT_THE_DOOR)) {
    case WHOSE_NOBODY: return &REPLY_NO_MAILBOX;
    case WHOSE_LOCKED: return &REPLY_LOCKED;
    case WHOSE_FULL: return &REPLY_FULL;
    case WHOSE_FULL_NOW: return &REPLY_FULL_NOW;
    case WHOSE_UNKNOWN_NOW: return &REPLY_CANNOT_LOOK;
    case WHOSE_ELSEWHERE: return check_relayed(&whose.address);
    default: return 0;
  }
}

static struct refusal const *check_limit_of_recipients(struct check_subject const *s)
{
  (void)s;
  return grant_refusal_of_recipient();
}

/* ---- the message ---- */

static struct refusal const *check_line_ends(struct check_subject const *s)
{
  return body_is_spoiled(&s->message->body) ? &REPLY_BARE_LINE_END : 0;
}

static struct refusal const *check_nul(struct check_subject const *s)
{
  return body_has_nul(&s->message->body) ? &REPLY_HAS_NUL : 0;
}

static struct refusal const *check_hops(struct check_subject const *s)
{
  return hops_too_many(&s->message->hops) ? &REPLY_LOOPING : 0;
}

static struct refusal const *check_size(struct check_subject const *s)
{
  return policy.databytes && s->message->bytes > policy.databytes ? &REPLY_TOO_LARGE : 0;
}

/* ---- the stages ---- */

static check *const at_sender[] = {
  check_proof, check_hyphen, check_parameters, check_utf8, check_announced_size, check_frozen, check_login,
  check_limit_of_messages, 0
};

/* In this order: whom we take no mail for is not told who has a mailbox. */
static check *const at_recipient[] = {
  check_parameters, check_client, check_somebody, check_utf8, check_hyphen, check_hello, check_sender, check_recipient,
  check_relaying, check_lists, check_count, check_moved, check_mailbox,
  check_limit_of_recipients, 0
};

static check *const at_message[] = { check_line_ends, check_nul, check_hops, check_size, 0 };

static check *const at_users_sender[] = { check_limit_of_messages, 0 };
static check *const at_users_recipient[] = { check_client, check_limit_of_recipients, 0 };

static check *const *const stages[] = {
  [AT_SENDER] = at_sender, [AT_RECIPIENT] = at_recipient, [AT_MESSAGE] = at_message,
  [AT_USERS_SENDER] = at_users_sender, [AT_USERS_RECIPIENT] = at_users_recipient
};

struct refusal const *checks_refusal(enum check_stage stage, struct check_subject const *subject)
{
  struct refusal const *no = 0;
  for (check *const *c = stages[stage]; !no && *c; c++) no = (*c)(subject);
  return no;
}
