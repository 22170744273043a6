#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "grant.h"
#include "home.h"
#include "journal.h"
#include "limit_ask.h"
#include "monotonic.h"
#include "nameset.h"
#include "policy.h"
#include "refusal.h"
#include "session.h"

enum {
  PATIENCE_MS = 200,            /* for the service, whose answer is in memory */
  UNASKED_SECONDS = 60,         /* that nobody asks one who has not answered */
  REFUSED_SECONDS = 5,          /* that a refusal is not asked about again */
  WHO_MAX = LIMIT_NAME_MAX + 1  /* bytes of a sender's domain */
};

static struct grant {
  int fd;                       /* -1: nobody was asked, or he has not answered */
  bool is_known, by_login, by_domain;
  time_t until;                 /* what is said here holds so long */
  uint32_t messages, recipients;
  struct { uint32_t messages, recipients; } used;       /* since the last question */
  struct refusal const *no;
  char domain[WHO_MAX];         /* of the sender it was asked for */
  bool told;                    /* the log has heard that nobody answers */
} grant = { .fd = -1 };

/* ---- who is limited ---- */

static struct field field_of_line(stralloc const *line)
{
  return (struct field){ line->s, line->len };
}

static bool is_this_host(void)
{
  return !strncmp(session.client.ip, "127.", 4) || !strcmp(session.client.ip, "::1");
}

/* Machines that may relay, and this one, have no limits but those that a rule names; who has logged in has his. */
static bool is_free(void)
{
  if (policy.limits.len) return field_is(field_of_line(&policy.limits), "off");
  return !session.login.name.len && (session.client.suffix || is_this_host());
}

/* ---- the refusal ---- */

static char const *time_to_say(char to[64], uint32_t seconds)
{
  uint32_t unit = seconds < 120 ? 1 : seconds < 7200 ? 60 : 3600;
  snprintf(to, 64, "%lu %s", (unsigned long)((seconds + unit - 1) / unit), unit == 1 ? "seconds" : unit == 60 ? "minutes" : "hours");
  return to;
}

static void clean(char *s)
{
  for (; *s; s++)
    if (*s < ' ' || *s > '~') *s = '?';
}

static struct refusal const *refusal_of(struct limit_answer const *a, unsigned code, char const *status)
{
  static char text[LIMIT_NAME_MAX + 200];
  static struct refusal no;
  char when[64];
  int len = a->text.len < LIMIT_NAME_MAX + 80 ? (int)a->text.len : LIMIT_NAME_MAX + 80;
  snprintf(text, sizeof text, "over the limit of %.*s, come again in %s", len, a->text.s, time_to_say(when, a->seconds));
  clean(text);
  no = (struct refusal){ (unsigned short)code, status, text };
  return &no;
}

/* ---- asking ---- */

static struct limit_heard heard;

static struct limit_question question(enum limit_verb verb)
{
  return (struct limit_question){
    .verb = verb, .class = field_of_line(&policy.limits), .address = field_of(session.client.ip),
    .login = field_of_line(&session.login.name), .domain = field_of(grant.domain),
    .messages = grant.used.messages, .recipients = grant.used.recipients
  };
}

/* That there is no such service is as the site wants it. */
static void go_on_without(void)
{
  if (errno != ENOENT && !grant.told) {
    grant.told = true;
    journal_no_limits(session.client.ip, strerror(errno));
  }
  grant.messages = grant.recipients = LIMIT_ALL;
  grant.until = monotonic_seconds() + UNASKED_SECONDS;
  grant.by_domain = false;
}

static void take(struct limit_answer const *a)
{
  grant.used.messages = grant.used.recipients = 0;
  grant.messages = a->messages;
  grant.recipients = a->recipients;
  grant.by_domain = a->by_domain;
  grant.until = monotonic_seconds() + (time_t)a->seconds;
}

static struct refusal const *ask(struct limit_question const *q, unsigned code, char const *status)
{
  grant.no = 0;
  grant.is_known = true;
  grant.by_login = q->login.len;
  if (!limit_ask(&grant.fd, &heard, q, PATIENCE_MS)) {
    go_on_without();
    return 0;
  }
  take(&heard.answer);
  if (heard.answer.said == LIMIT_GRANTED) return 0;
  grant.no = refusal_of(&heard.answer, code, status);
  grant.until = monotonic_seconds() + (heard.answer.seconds < REFUSED_SECONDS ? heard.answer.seconds : REFUSED_SECONDS);
  return grant.no;
}

/* ---- what this session may ---- */

static bool is_asked_of_addresses(void)
{
  return access(HOME "/" LIMIT_ADDRESSES, F_OK) == 0;
}

struct refusal const *grant_refusal_of_client(void)
{
  grant_forget();
  if (is_free() || session.client.ip == SESSION_UNKNOWN || !is_asked_of_addresses()) return 0;
  struct limit_question const q = question(LIMIT_CONNECT);
  return ask(&q, 421, "4.7.0");
}

/* An address is asked about when it connects; where it was not, there is no limit for it. */
static bool is_limited(void)
{
  return !is_free() && (session.login.name.len || grant.is_known);
}

static bool has_domain(struct field domain)
{
  return !grant.by_domain || (strlen(grant.domain) == domain.len && nameset_same(grant.domain, domain.s, domain.len));
}

static struct field domain_of(stralloc const *sender)
{
  size_t at = address_at(sender->s, sender->len);
  if (at == sender->len || sender->len - at - 1 >= WHO_MAX) return (struct field){ "", 0 };
  return (struct field){ sender->s + at + 1, sender->len - at - 1 };
}

static bool is_of_this(struct field domain)
{
  return grant.is_known && grant.by_login == (session.login.name.len > 0) && has_domain(domain)
    && monotonic_seconds() < grant.until;
}

struct refusal const *grant_refusal_of_message(stralloc const *sender)
{
  if (!is_limited()) return 0;
  struct field const domain = domain_of(sender);
  if (is_of_this(domain) && grant.no) return grant.no;
  if (is_of_this(domain) && grant.messages && grant.recipients) return 0;
  memcpy(grant.domain, domain.s, domain.len);
  grant.domain[domain.len] = 0;
  struct limit_question const q = question(LIMIT_SEND);
  return ask(&q, 451, "4.7.1");
}

struct refusal const *grant_refusal_of_recipient(void)
{
  if (!is_limited() || !grant.is_known || session.mail.count < grant.recipients) return 0;
  if (grant.no && monotonic_seconds() < grant.until) return grant.no;
  struct limit_question q = question(LIMIT_SEND);
  q.wanted = (uint32_t)session.mail.count + 1;
  return ask(&q, 451, "4.7.1");
}

void grant_forget(void)
{
  grant.is_known = false;
  grant.no = 0;
}

static void use(uint32_t *left, uint32_t *used, size_t n)
{
  *used += (uint32_t)n;
  if (*left != LIMIT_ALL) *left -= n < *left ? (uint32_t)n : *left;
}

void grant_use(size_t recipients)
{
  if (grant.fd == -1) return;
  use(&grant.messages, &grant.used.messages, 1);
  use(&grant.recipients, &grant.used.recipients, recipients);
}

void grant_end(void)
{
  if (grant.fd == -1 || !grant.used.messages) return;
  struct limit_question const q = question(LIMIT_DONE);
  limit_tell(grant.fd, &q);
}
