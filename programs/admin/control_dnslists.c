#include <string.h>

#include "control_check.h"
#include "dns_list.h"
#include "dns_quick.h"

enum { WAIT_MS = 5000 };

enum asked_about { NOBODY, TEST, QUESTIONS };

/* What a list says when it is asked about those of whom it is known what it must say (RFC 5782 5). */
struct tried {
  struct dns_list list;
  struct control_line line;
  bool answers, refuses_us, has[QUESTIONS];
};

static struct tried tried[DNS_LISTS_MAX];
static size_t count;
static struct { struct tried *list; enum asked_about about; } places[DNS_QUICK_QUESTIONS];
static struct dns_quick quick;

static void heard(struct dns_quick *q, size_t place, struct dns_message *answer)
{
  struct tried *t = places[place].list;
  struct dns_record r;
  (void)q;
  if (!answer) return;
  t->answers = true;
  while (dns_message_next(answer, &r)) {
    if (r.type != DNS_QUICK_A || r.len != DNS_LIST_CODE) continue;
    if (dns_list_refuses_us(r.data)) t->refuses_us = true;
    else t->has[places[place].about] = true;
  }
}

static void ask(struct tried *t, enum asked_about about, ip46 const *ip)
{
  char name[DNS_NAME_MAX + 1];
  if (!dns_list_name(name, &t->list, ip)) return;
  size_t place = dns_quick_ask(&quick, name, DNS_QUICK_A);
  if (place == DNS_QUICK_QUESTIONS) return;
  places[place].list = t;
  places[place].about = about;
}

static char const *fault_of(struct tried const *t)
{
  if (!t->answers) return "no answer: is there such a list, and a name server of /etc/resolv.conf that asks it?";
  if (t->refuses_us) return "the list refuses to answer (127.255.255.x): mostly a name server in /etc/resolv.conf that many use; run one on this host";
  if (t->has[NOBODY]) return "the list has 127.0.0.1 on it, as if it had all the world: its answers do not count";
  return t->has[TEST] ? 0 : "the list does not have its test entry 127.0.0.2: it is misspelt, or no more";
}

static bool read_line(struct findings *to, struct control_line const *line)
{
  struct tried *t = tried + count;
  if (count == DNS_LISTS_MAX) {
    problem_line(to, "dnslists", line, "more than 24 lists: this line and those behind it do not count");
    return false;
  }
  *t = (struct tried){ .line = *line };
  if (!dns_list_read(&t->list, line->s, line->len)) count++;    /* what is wrong otherwise the judge has told */
  return true;
}

void check_dns_lists(struct findings *to, struct control_dir const *dir)
{
  struct control_line line;
  stralloc const *text = &control_state_of(dir, "dnslists")->text;
  for (size_t at = 0; control_next_entry(text, &at, &line) && read_line(to, &line); ) { }
  if (!count) return;
  dns_quick_begin(&quick, heard);
  for (struct tried *t = tried; t < tried + count; t++) {
    ask(t, NOBODY, &DNS_LIST_NOBODY);
    ask(t, TEST, &DNS_LIST_TEST);
  }
  dns_quick_wait(&quick, WAIT_MS);
  dns_quick_end(&quick);
  for (struct tried *t = tried; t < tried + count; t++) {
    char const *fault = fault_of(t);
    if (fault) problem_line(to, "dnslists", &t->line, fault);
  }
}
