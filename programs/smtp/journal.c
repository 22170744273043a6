#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "journal.h"
#include "log_text.h"

static stralloc line = STRALLOC_ZERO;

static int begin(char const *event, char const *ip)
{
  line.len = 0;
  return stralloc_cats(&line, PROG) && stralloc_cats(&line, ": ") && stralloc_cats(&line, event) &&
         stralloc_cats(&line, " from ") && log_text(&line, ip, strlen(ip), JOURNAL_WORD_MAX);
}

static int foreign(char const *label, char const *s, size_t len)
{
  return stralloc_cats(&line, label) && log_text(&line, s, len, JOURNAL_WORD_MAX);
}

static int address(char const *label, stralloc const *a)
{
  if (!a) return 1;
  return stralloc_cats(&line, label) && stralloc_cats(&line, " <") &&
         log_text(&line, a->s, a->len, JOURNAL_ADDRESS_MAX) && stralloc_cats(&line, ">");
}

static int number(char const *before, unsigned long long n, char const *behind)
{
  char digits[UINT64_FMT];
  return stralloc_cats(&line, before) && stralloc_catb(&line, digits, uint64_fmt(digits, n)) &&
         stralloc_cats(&line, behind);
}

static void end(int complete)
{
  if (!complete || !stralloc_append(&line, '\n')) return;
  ssize_t written = write(2, line.s, line.len);
  (void)written;   /* whom to tell? */
}

void journal_accepted(struct journal_accepted const *a)
{
  end(begin("accepted", a->ip) && address(" sender", a->sender) && number(" recipients ", a->recipients, "") &&
      number(" bytes ", a->bytes, "") && number(" qp ", a->qp, ""));
}

void journal_refused(struct journal_refused const *r)
{
  end(begin("refused", r->ip) && foreign(" at ", r->verb, r->verb_len) && address(" sender", r->sender) &&
      address(" recipient", r->recipient) && stralloc_cats(&line, ": ") && stralloc_cats(&line, r->reply));
}

void journal_session(struct journal_session const *s)
{
  int ok = begin("session", s->ip) && foreign(" (", s->host, strlen(s->host)) && stralloc_cats(&line, ")");
  if (s->helo) ok = ok && foreign(" helo ", s->helo->s, s->helo->len);
  end(ok && number(": ", s->accepted, " accepted, ") && number("", s->refused, " refused, ") &&
      number("", s->commands, " commands, ") && number("", s->seconds, " s, ") && stralloc_cats(&line, s->end));
}
