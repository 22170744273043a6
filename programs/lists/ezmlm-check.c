/* ezmlm-check: how a list is, what is wrong with it, and how to mend that.

   runs as   who owns the list, by hand or in a line of a .qmail file; root
   reads     the list; SENDER, and then the message on descriptor 0
   changes   nothing; with SENDER the report goes there by mail, which is noted in answers
   exits     99 reported; 100 there is no such directory, or the message is a report or bounce; 111 trouble.
             --faults: 0 nothing is wrong, 1 something is
*/

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "answer_limit.h"
#include "child_start.h"
#include "json.h"
#include "list_check.h"
#include "list_header.h"
#include "list_sender.h"
#include "list_words.h"
#include "mail_header.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-check [ -s | -S ] [ --json | --faults ] [ dir ]"
#define LOOP "Delivered-To: ezmlm-check\n"

static enum { REPORT, JSON, FAULTS } form = REPORT;
static bool shows_subscribers = true;
static char *dir;
static stralloc report = STRALLOC_ZERO, findings = STRALLOC_ZERO;
static unsigned faults, notes;

/* ---- what is asked ---- */

static void take_option(char const *s)
{
  if (!strcmp(s, "-s")) shows_subscribers = true;
  else if (!strcmp(s, "-S")) shows_subscribers = false;
  else if (!strcmp(s, "--json")) form = JSON;
  else if (!strcmp(s, "--faults")) form = FAULTS;
  else if (!strcmp(s, "-v") || !strcmp(s, "-V")) strerr_die(0, "ezmlm version: ", LIST_VERSION);
  else strerr_dieusage(LIST_REFUSED, USAGE);
}

static void read_command(int argc, char const *const *argv)
{
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; i++) take_option(argv[i]);
  if (argc - i > 1) strerr_dieusage(LIST_REFUSED, USAGE);
  dir = realpath(i < argc ? argv[i] : ".", 0);
  if (!dir || chdir(dir) == -1) strerr_diefusys(LIST_REFUSED, "chdir to ", i < argc ? argv[i] : ".");
}

/* ---- who asks ---- */

static void refuse_programs(void)
{
  static char space[BUFFER_INSIZE];
  static buffer in = BUFFER_INIT(&buffer_read, 0, space, sizeof space);
  struct mail_header header = MAIL_HEADER_ZERO;
  struct field value;
  if (mail_header_read(&header, &in) == MAIL_HEADER_UNREADABLE) strerr_diefusys(LIST_TROUBLE, "read ", "the message");
  for (size_t i = 0; i < mail_header_count(&header); i++) {
    value = mail_header_value(&header, mail_header_field(&header, i));
    if (field_is(value, "ezmlm-check")) strerr_dief(LIST_REFUSED, "this message loops: it is a report (#5.4.6)");
  }
  if (!list_header_automatic(&header)) return;
  list_inform(0, "ERR_AUTOMATIC", 0);
  _exit(LIST_STOP);
}

static char const *who_asks(void)
{
  char const *sender = getenv("SENDER");
  if (!sender || form != REPORT) return 0;
  if (list_sender_is_bounce(field_of(sender))) strerr_dief(LIST_REFUSED, "sorry, this address does not answer bounces (#5.7.2)");
  if (list_sender_is_anonymous(field_of(sender))) strerr_dief(LIST_REFUSED, "sorry, this address does not answer senders without a host (#5.7.2)");
  refuse_programs();
  return sender;
}

/* ---- what is found ---- */

/* DIR stands for the directory. */
static void add_mend(stralloc *to, char const *mend)
{
  for (char const *at; (at = strstr(mend, "DIR")); mend = at + 3) {
    text_addb(to, mend, (size_t)(at - mend));
    text_add(to, dir);
  }
  text_add(to, mend);
}

static void add_json(stralloc *to, stralloc const *s)
{
  if (!json_text(to, s->s, s->len)) die_nomem();
}

static void add_finding(char const *weight, char const *what, char const *mend)
{
  stralloc s = STRALLOC_ZERO;
  text_add(&findings, findings.len ? ",{\"weight\":\"" : "{\"weight\":\"");
  text_add(&findings, weight);
  text_add(&findings, "\",\"what\":");
  text_set(&s, what);
  add_json(&findings, &s);
  text_add(&findings, ",\"mend\":");
  s.len = 0;
  add_mend(&s, mend);
  add_json(&findings, &s);
  text_add(&findings, "}");
  stralloc_free(&s);
}

static void found(enum list_weight weight, char const *what, char const *mend)
{
  *(weight == LIST_FAULT ? &faults : &notes) += 1;
  if (form == JSON) return add_finding(weight == LIST_FAULT ? "fault" : "note", what, mend);
  if (form == FAULTS && weight != LIST_FAULT) return;
  text_add(&findings, form == FAULTS ? dir : weight == LIST_FAULT ? "WRONG" : "note");
  text_add(&findings, ": ");
  text_add(&findings, what);
  text_add(&findings, form == FAULTS ? "; " : "\n       to mend it: ");
  add_mend(&findings, mend);
  text_add(&findings, "\n");
}

/* ---- what is said ---- */

static void add_count(char const *name, uint64_t count)
{
  text_add(&report, form == JSON ? ",\"" : "");
  text_add(&report, name);
  text_add(&report, form == JSON ? "\":" : ": ");
  text_addu(&report, count);
  text_add(&report, form == JSON ? "" : "\n");
}

static void add_counts(struct list_facts const *f)
{
  add_count("subscribers", f->subscribers);
  add_count("digest", f->digest);
  add_count("allow", f->allow);
  add_count("deny", f->deny);
  add_count("moderators", f->moderators);
  add_count("messages", f->messages);
}

static void add_address(stralloc *to, struct list const *l)
{
  text_addx(to, &l->local);
  text_add(to, "@");
  text_addx(to, &l->host);
}

static void say_json(struct list_facts const *f)
{
  stralloc s = STRALLOC_ZERO;
  if (f->is_entered) add_address(&s, &f->list);
  text_add(&report, "{\"list\":");
  add_json(&report, &s);
  text_set(&s, dir);
  text_add(&report, ",\"directory\":");
  add_json(&report, &s);
  add_counts(f);
  text_add(&report, faults ? ",\"state\":\"wrong\",\"findings\":[" : ",\"state\":\"ok\",\"findings\":[");
  text_addx(&report, &findings);
  text_add(&report, "]}\n");
  stralloc_free(&s);
}

static void add_subscriber(void *to, struct field address)
{
  text_add(to, "  ");
  text_addb(to, address.s, address.len);
  text_add(to, "\n");
}

static void add_subscribers(struct list const *l)
{
  struct subscribers *s = subscribers_open(l, ".", 0);
  text_add(&report, "\nwho is subscribed:\n");
  subscribers_each(s, (struct subscribers_range){ 0, SUBSCRIBERS_HASHES - 1 }, add_subscriber, &report);
  subscribers_close(s);
}

static void say_report(struct list_facts const *f)
{
  text_add(&report, "list: ");
  if (f->is_entered) add_address(&report, &f->list);
  text_add(&report, "\ndirectory: ");
  text_add(&report, dir);
  text_add(&report, "\n");
  if (f->is_counted) add_counts(f);
  text_add(&report, faults || notes ? "\n" : "\nNothing is wrong.\n");
  text_addx(&report, &findings);
  if (f->is_counted && shows_subscribers) add_subscribers(&f->list);
}

/* ---- where it goes ---- */

static void print(stralloc const *text)
{
  buffer_put(buffer_1, text->s, text->len);
  if (!buffer_flush(buffer_1)) strerr_diefusys(LIST_TROUBLE, "write");
}

/* What bounds answers is a part of the list, which may be somebody else's. */
static bool may_mail(struct list const *l, char const *to)
{
  return !l->dir || access(".", W_OK) == -1 || answer_limit_may(l, &(struct answer){ .address = field_of(to), .request = field_of(PROG) });
}

static void mail(char const *to)
{
  char const *const argv[] = { HOME "/bin/qmail-inject", "-a", "-f", "", "--", to, 0 };
  int fd, wstat;
  pid_t pid = child_spawn1_pipe(argv[0], argv, (char const *const *)environ, &fd, 0);
  if (!pid) strerr_diefusys(LIST_TROUBLE, "run ", argv[0]);
  stralloc text = STRALLOC_ZERO;
  text_set(&text, LOOP "Auto-Submitted: auto-replied\nSubject: how a list is\nTo: ");
  list_sender_written(&text, field_of(to));
  text_add(&text, "\nContent-Type: text/plain; charset=utf-8\n\n");
  text_addx(&text, &report);
  size_t written = allwrite(fd, text.s, text.len);
  fd_close(fd);
  if (waitpid_nointr(pid, &wstat, 0) != pid || wstat || written < text.len) strerr_dief(LIST_TROUBLE, "unable to send the report");
}

int main(int argc, char const *const *argv)
{
  struct list_facts facts = { .list = LIST_ZERO };
  PROG = "ezmlm-check";
  read_command(argc, argv);
  char const *sender = who_asks();
  list_check(&facts, dir, found);
  if (form == FAULTS) {
    print(&findings);
    return faults > 0;
  }
  if (form == JSON) say_json(&facts);
  else say_report(&facts);
  if (!sender) print(&report);
  else if (may_mail(&facts.list, sender)) {
    mail(sender);
    answer_limit_done();
  }
  return LIST_STOP;
}
