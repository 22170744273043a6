#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/genalloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "date.h"
#include "encoded_word.h"
#include "list_encoding.h"
#include "list_environment.h"
#include "list_mail.h"
#include "list_sender.h"
#include "list_words.h"
#include "queue_client.h"
#include "surf.h"
#include "text.h"
#include "utf8.h"

enum { WORD_BYTES = 15 };         /* of an encoded word, each three characters */

static struct queue_client queue;
static struct list_encoding encoding;
static struct list const *of;
static bool uncertain;

/* ---- opening it ---- */

static void add_word(genalloc *words, char const *word)
{
  while (!genalloc_append(char const *, words, &word)) memory_gone();
}

/* Where QMAILHOME says so, from another home. */
static void add_program(genalloc *words, char const *name)
{
  static stralloc path = STRALLOC_ZERO;
  char const *home = getenv("QMAILHOME");
  path.len = 0;
  if (home && *home) text_add(&path, home), text_add(&path, "/");
  text_add(&path, name);
  add_word(words, text_z(&path));
}

/* "qmail-qmqpc ADDRESS...", the list's own servers, in the two places in which lists have named them. */
static bool add_servers(genalloc *words, struct list const *l)
{
  static stralloc servers = STRALLOC_ZERO;
  if (!list_settings(&servers, l, "qmqpservers/0", 0)) list_settings(&servers, l, "qmqpservers", 0);
  if (servers.len) add_program(words, "bin/qmail-qmqpc");
  for (size_t i = 0; i < servers.len; i += strlen(servers.s + i) + 1) add_word(words, servers.s + i);
  return servers.len;
}

/* The program that takes the mail; null: as everybody's mail goes. */
static char const *const *program_of(struct list const *l)
{
  static genalloc words = GENALLOC_ZERO;
  genalloc_setlen(char const *, &words, 0);
  if (!add_servers(&words, l)) {
    if (getenv("QMAILQUEUE") || !getenv("QMAILHOME")) return 0;
    add_program(&words, "bin/qmail-queue");
  }
  add_word(&words, 0);
  return genalloc_s(char const *, &words);
}

void list_mail_open(struct list const *l)
{
  of = l;
  signal(SIGPIPE, SIG_IGN);
  list_encoding_begin(&encoding, 0);
  char const *const *argv = program_of(l);
  int const opened = argv ? queue_client_open_program(&queue, argv) : queue_client_open(&queue);
  if (!opened) list_die_system(l, "ERR_QMAIL_QUEUE", 0);
}

/* ---- its bytes ---- */

static void encode(char const *s, size_t len, bool ends)
{
  static stralloc out = STRALLOC_ZERO;
  out.len = 0;
  list_encoding_add(&out, &encoding, s, len);
  if (ends) list_encoding_end(&out, &encoding);
  queue_client_put(&queue, out.s, out.len);
}

void list_mail_put(char const *s, size_t len)
{
  if (encoding.as) encode(s, len, false);
  else queue_client_put(&queue, s, len);
}

void list_mail_add(char const *s) { list_mail_put(s, strlen(s)); }
void list_mail_addx(stralloc const *s) { list_mail_put(s->s, s->len); }
void list_mail_encode(char as) { list_encoding_begin(&encoding, as); }
void list_mail_plain(void) { encode("", 0, true); }

/* ---- its fields ---- */

static void word_in_charset(stralloc *to, struct list const *l, char const *s, size_t len)
{
  static char const hex[] = "0123456789ABCDEF";
  text_add(to, "=?"), text_addx(to, &l->charset), text_add(to, "?Q?");
  for (size_t i = 0; i < len; i++) {
    unsigned char const c = (unsigned char)s[i];
    char const token[] = { '=', hex[c >> 4], hex[c & 15] };
    text_addb(to, token, sizeof token);
  }
  text_add(to, "?=");
}

void list_mail_field(struct list const *l, char const *name, struct field value)
{
  static stralloc line = STRALLOC_ZERO;
  line.len = 0;
  text_add(&line, name);
  text_add(&line, ": ");
  if (utf8_is(value.s, value.len)) encoded_word_add(&line, value.s, value.len);
  else for (size_t i = 0; i < value.len; i += WORD_BYTES) {
    if (i) text_add(&line, "\n ");
    word_in_charset(&line, l, value.s + i, value.len - i < WORD_BYTES ? value.len - i : WORD_BYTES);
  }
  text_add(&line, "\n");
  list_mail_put(line.s, line.len);
}

void list_mail_address(char const *name, struct field address)
{
  stralloc line = STRALLOC_ZERO;
  text_add(&line, name), text_add(&line, ": ");
  list_sender_written(&line, address);
  text_add(&line, "\n");
  list_mail_addx(&line);
  stralloc_free(&line);
}

void list_mail_contact(struct list const *l)
{
  static stralloc contact = STRALLOC_ZERO;
  contact.len = 0;
  list_say(&contact, l, "TXT_MAILING_LIST", 0);
  list_mail_field(l, "Mailing-List", (struct field){ contact.s, contact.len });
  if (l->listid.len) list_mail_field(l, "List-ID", (struct field){ l->listid.s, l->listid.len });
}

/* TIME.PID.ezmlm@HOST; a second later for each mail of a process, so that no two are called the same. */
static void add_id(stralloc *to, struct list const *l, time_t now)
{
  static time_t last = 0;
  last = now > last ? now : last + 1;
  text_addu(to, (uint64_t)last), text_add(to, ".");
  text_addu(to, (uint64_t)getpid()), text_add(to, ".ezmlm@");
  text_addx(to, &l->host);
}

char const *list_mail_date(struct list const *l, enum list_mail_why why)
{
  static char const *const submitted[] = {
    [LIST_MAIL_POST] = "", [LIST_MAIL_REPLY] = "Auto-Submitted: auto-replied\n", [LIST_MAIL_NOTICE] = "Auto-Submitted: auto-generated\n"
  };
  static char boundary[SURF_LETTERS + 1];
  stralloc id = STRALLOC_ZERO, fields = STRALLOC_ZERO;
  time_t const now = time(0);
  add_id(&id, l, now);
  text_end(&id);
  surf_loose(boundary, id.s, id.len);
  text_add(&fields, "Date: ");
  while (!date_header(&fields, now)) memory_gone();
  text_add(&fields, "\nMessage-ID: <"), text_addb(&fields, id.s, id.len - 1), text_add(&fields, ">\n");
  if (why != LIST_MAIL_REPLY || list_is_for_mail()) text_add(&fields, submitted[why]);
  list_mail_put(fields.s, fields.len);
  stralloc_free(&id), stralloc_free(&fields);
  return boundary;
}

char const *list_mail_begin(struct list const *l, enum list_mail_why why)
{
  list_mail_contact(l);
  return list_mail_date(l, why);
}

/* ---- its envelope ---- */

void list_mail_sender(struct field sender)
{
  queue_client_from(&queue, sender.s, sender.len);
}

/* Of rows that somebody has put into a database one may be no address: the queue would take nothing from a list that has it. */
void list_mail_to(struct field recipient)
{
  if (recipient.len && !memchr(recipient.s, 0, recipient.len)) queue_client_to(&queue, recipient.s, recipient.len);
  else strerr_warnw("a subscriber without an address is passed over");
}

void list_mail_fail(void)
{
  queue_client_fail(&queue);
}

/* Whether it is queued; else why not. */
static char const *verdict(void)
{
  char const *said = queue_client_close(&queue);
  uncertain = queue_client_is_uncertain(said);
  if (*said) return said + 1;
  char qp[ULONG_FMT];
  qp[ulong_fmt(qp, queue_client_qp(&queue))] = 0;
  strerr_warni("qp ", qp);
  return 0;
}

void list_mail_close(void)
{
  char const *why = verdict();
  if (why) list_die(LIST_TROUBLE, of, "ERR_TMP_QMAIL_QUEUE", why, 0);
}

bool list_mail_queued(void)
{
  char const *why = verdict();
  if (why) list_warn(of, "ERR_TMP_QMAIL_QUEUE", why);
  return !why;
}

bool list_mail_uncertain(void)
{
  return uncertain;
}
