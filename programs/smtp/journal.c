#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "bytes.h"
#include "journal.h"
#include "log_text.h"
#include "refusal.h"
#include "tls_wire.h"
#include "unwaited.h"

static stralloc line = STRALLOC_ZERO;

static int begin(char const *event, char const *ip)
{
  line.len = 0;
  return bytes_add(&line, PROG) && bytes_add(&line, ": ") && bytes_add(&line, event) &&
         bytes_add(&line, " from ") && log_text(&line, ip, strlen(ip), JOURNAL_WORD_MAX);
}

static int foreign(char const *label, char const *s, size_t len)
{
  return bytes_add(&line, label) && log_text(&line, s, len, JOURNAL_WORD_MAX);
}

static int address(char const *label, stralloc const *a)
{
  if (!a) return 1;
  return bytes_add(&line, label) && bytes_add(&line, " <") &&
         log_text(&line, a->s, a->len, JOURNAL_ADDRESS_MAX) && bytes_add(&line, ">");
}

static int via(char const *ip)
{
  return !ip || foreign(" via ", ip, strlen(ip));
}

static int number(char const *before, unsigned long long n, char const *behind)
{
  char digits[UINT64_FMT];
  return bytes_add(&line, before) && bytes_addb(&line, digits, uint64_fmt(digits, n)) &&
         bytes_add(&line, behind);
}

static void end(int complete)
{
  if (!complete || !bytes_addc(&line, '\n')) return;
  ssize_t written = write(2, line.s, line.len);
  (void)written;   /* whom to tell? */
}

bool journal_ready(void)
{
  return unwaited_ready(2);
}

void journal_accepted(struct journal_accepted const *a)
{
  end(begin("accepted", a->ip) && address(" sender", a->sender) && number(" recipients ", a->recipients, "") &&
      number(" bytes ", a->bytes, "") && number(" qp ", a->qp, "") &&
      (!a->login || foreign(" login ", a->login, strlen(a->login))) && via(a->via));
}

static int refusal(struct refusal const *r)
{
  struct refusal_line said;
  int ok = 1;
  refusal_line(&said, r);
  for (char const **w = said.words; ok && *w; w++) ok = bytes_add(&line, *w);
  return ok;
}

void journal_refused(struct journal_refused const *r)
{
  end(begin("refused", r->ip) && foreign(" at ", r->verb, r->verb_len) && address(" sender", r->sender) &&
      address(" recipient", r->recipient) && via(r->via) && bytes_add(&line, ": ") && refusal(r->refusal));
}

void journal_session(struct journal_session const *s)
{
  int ok = begin("session", s->ip) && foreign(" (", s->host, strlen(s->host)) && bytes_add(&line, ")");
  if (s->helo) ok = ok && foreign(" helo ", s->helo->s, s->helo->len);
  if (s->tls) ok = ok && foreign(" tls ", s->tls->protocol.s, s->tls->protocol.len)
                      && foreign(" ", s->tls->cipher.s, s->tls->cipher.len);
  end(ok && via(s->via) && number(": ", s->accepted, " accepted, ") && number("", s->refused, " refused, ") &&
      number("", s->commands, " commands, ") && number("", s->seconds, " s, ") && bytes_add(&line, s->end));
}

void journal_listed(char const *ip, char const *from, char const *lists, char const *verdict)
{
  end(begin("listed", ip) && via(from) && bytes_add(&line, ": ") && bytes_add(&line, verdict) && bytes_add(&line, ", score ") &&
      bytes_add(&line, lists));
}

void journal_no_limits(char const *ip, char const *why)
{
  end(begin("no limits", ip) && foreign(": ", why, strlen(why)));
}

void journal_no_tls(char const *ip, struct tls_answer const *a)
{
  end(begin("no TLS", ip) && foreign(": ", a->why.s, a->why.len));
}
