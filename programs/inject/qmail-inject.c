/* qmail-inject: take a message from a user, put its header in order, and queue it.

   runs as   the user who calls it, from any directory
   reads     the message on fd 0, control/defaulthost, defaultdomain, plusdomain, idhost, genericfrom, the file QMAILMFTFILE names
   changes   nothing itself; hands the message to qmail-queue, or with -n writes it to fd 1
   exits     0 queued or printed, 100 the message or the call is at fault, 111 the machine is
*/

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "addrlist.h"
#include "date.h"
#include "die.h"
#include "envelope_extra.h"
#include "field.h"
#include "followup.h"
#include "generic.h"
#include "identity.h"
#include "line_end.h"
#include "mail_header.h"
#include "notify.h"
#include "options.h"
#include "queue_client.h"
#include "recipients.h"
#include "rewrite_rules.h"
#include "text.h"
#include "unparse.h"
#include "utf8.h"
#include "xtext.h"

#define USAGE "qmail-inject [ -nNaAhH ] [ -f sender ] [ -T events ] [ -R part ] [ -V id ] [ recipient ... ]"

enum { INPUT_SIZE = 65536 };

static char input_space[INPUT_SIZE];
static buffer input = BUFFER_INIT(&buffer_read, 0, input_space, INPUT_SIZE);

/* ---- what is wanted ---- */

static bool print_only, use_arguments, use_header;
static char const *wanted_sender;               /* -f */
static struct { unsigned notify; char const *ret; stralloc envid; } wishes;     /* -T, -R, -V: RFC 3461 */
static struct letters letters;
static struct rewrite_rules rules;
static struct followup followup = FOLLOWUP_ZERO;
static time_t now;

/* ---- what came ---- */

static struct mail_header header = MAIL_HEADER_ZERO;
static bool seen[FIELDS];
static bool resent;

/* ---- what goes ---- */

static stralloc sender = STRALLOC_ZERO;
static bool sender_known;
static bool wide;                               /* an address has characters beyond ASCII */
static struct recipients recipients = RECIPIENTS_ZERO;
static stralloc kept = STRALLOC_ZERO;           /* fields of the message, rewritten */
static stralloc head = STRALLOC_ZERO;           /* fields it came without */

static void read_events(char const *list)
{
  wishes.notify = notify_scan(list, strlen(list));
  if (!wishes.notify) strerr_dief(100, "-T wants never, or some of success,failure,delay, and not ", list);
}

static void read_part(char const *word)
{
  bool full = !strcasecmp(word, "full"), header = !strcasecmp(word, "hdrs");
  if (!full && !header) strerr_dief(100, "-R wants full or hdrs, and not ", word);
  wishes.ret = full ? "FULL" : "HDRS";
}

/* As xtext, or in plain words. */
static void read_id(char const *id)
{
  size_t len = strlen(id);
  wishes.envid.len = 0;
  bool coded = xtext_is_printable(id, len);
  if (coded) text_addb(&wishes.envid, id, len);
  else if (!xtext_encode(&wishes.envid, id, len)) die_nomem();
  if (!extra_fits(EXTRA_ENVID, wishes.envid.s, wishes.envid.len)) strerr_dief(100, "-V wants up to 100 printable characters, and not ", id);
}

static void read_options(int argc, char const *const *argv, int *first_recipient)
{
  struct options o = OPTIONS(argc, argv);
  char mode = 'A';
  for (int letter; (letter = options_next(&o, "nNaAhHf:T:R:V:")) != -1;) switch (letter) {
    case 'n': print_only = true; break;
    case 'N': print_only = false; break;
    case 'f': wanted_sender = o.arg; break;
    case 'T': read_events(o.arg); break;
    case 'R': read_part(o.arg); break;
    case 'V': read_id(o.arg); break;
    case '?': strerr_dieusage(100, USAGE);
    default: mode = (char)letter;
  }
  *first_recipient = o.at;
  use_arguments = mode != 'h';
  use_header = mode == 'h' || mode == 'H' || (mode == 'A' && o.at >= argc);
}

/* ---- fields that came ---- */

static void read_header(void)
{
  switch (mail_header_read(&header, &input)) {
    case MAIL_HEADER_OK: return;
    case MAIL_HEADER_TOO_LONG: strerr_dief(100, "header longer than 1048576 bytes");
    case MAIL_HEADER_UNREADABLE: strerr_diefsys(111, "read error");
  }
}

static struct field_rule const *rule_of(struct mail_header_field const *f)
{
  return field_rule(header.text.s + f->begin, f->name_len);
}

/* Letters f and i make us forget the field that we shall write ourselves; what another author wrote in a
   resent message stays. */
static bool forgotten(enum field_kind field)
{
  if (letters.own_from && field == (resent ? FIELD_RESENT_FROM : FIELD_FROM)) return true;
  return letters.own_id && field == (resent ? FIELD_RESENT_MESSAGE_ID : FIELD_MESSAGE_ID);
}

static void see_fields(void)
{
  for (size_t i = 0; i < mail_header_count(&header); i++)
    if (rule_of(mail_header_field(&header, i))->treatment & RESENT) resent = true;
  for (size_t i = 0; i < mail_header_count(&header); i++) {
    enum field_kind field = rule_of(mail_header_field(&header, i))->field;
    if (!forgotten(field)) seen[field] = true;
  }
}

/* Every server on the way has to know of such an address (RFC 6531). A name beside one, or a subject, that nobody has
   encoded is what it ever was: mail with it goes everywhere. */
static void look_at(stralloc const *address)
{
  if (!utf8_is_ascii(address->s, address->len) && utf8_is(address->s, address->len)) wide = true;
}

static void take_sender(stralloc const *address)
{
  if (sender_known) return;
  sender_known = true;
  text_setb(&sender, address->s, address->len);
  if (letters.verp_recipient && sender.len) text_add(&sender, "-@[]");
}

static void take_addresses(struct field_rule const *rule, struct addrlist const *list)
{
  stralloc address = STRALLOC_ZERO;
  for (size_t i = 0; i < addrlist_count(list); i++) {
    address.len = 0;
    rewrite_address(0, &address, &rules, genalloc_s(struct token const, &list->tokens), *addrlist_span(list, i));
    if (rule->field == FIELD_RETURN_PATH) take_sender(&address);
    else look_at(&address);
    if (rule->treatment & RECIPIENTS && use_header) recipients_add(&recipients, address.s, address.len);
    if (rule->treatment & COUNTED) followup_see(&followup, address.s, address.len);
  }
  stralloc_free(&address);
}

static void keep(struct mail_header_field const *f)
{
  text_addb(&kept, header.text.s + f->begin, f->end - f->begin);
}

/* A recipient field that nobody takes recipients from may be as odd as it likes; all others must be understood,
   or somebody would miss the message in silence. */
static void unparsable(struct mail_header_field const *f, enum addrlist_result problem)
{
  static char const *const problems[] = {
    [ADDRLIST_SYNTAX] = "unable to parse this line:\n",
    [ADDRLIST_DEPTH] = "comments nested more than 100 deep in this line:\n",
    [ADDRLIST_TOO_MANY] = "more than 10000 addresses in this line:\n"
  };
  unsigned treatment = rule_of(f)->treatment;
  if (treatment & RECIPIENTS && !use_header) {
    if (!(treatment & DROPPED)) keep(f);
    return;
  }
  stralloc line = STRALLOC_ZERO;
  text_addb(&line, header.text.s + f->begin, f->end - f->begin - 1);
  strerr_dief(100, problems[problem], text_z(&line));
}

static void take_list(struct mail_header_field const *f, struct field_rule const *rule)
{
  struct addrlist list = ADDRLIST_ZERO;
  stralloc text = STRALLOC_ZERO;
  char const *s = header.text.s + f->begin;
  token_unfold(&text, s + f->body, f->end - f->begin - f->body);
  enum addrlist_result result = addrlist_parse(&list, text.s, text.len);
  if (result == ADDRLIST_OK) {
    take_addresses(rule, &list);
    if (!(rule->treatment & DROPPED)) unparse(&kept, s, f->name_len, &list, &rules);
  } else {
    unparsable(f, result);
  }
  addrlist_free(&list);
  stralloc_free(&text);
}

static bool called_outside(stralloc *address)
{
  char const *culprit;
  if (!generic_load(&culprit)) strerr_diefusys(111, "read ", culprit);
  return generic_replace(address);
}

/* Senders are called as outsiders know them; recipients are who they are. */
static void complete_senders(bool are_senders)
{
  rules.instead = are_senders ? called_outside : 0;
}

/* In a resent message only the Resent fields are ours to read and to change. */
static bool is_ours(struct field_rule const *rule)
{
  if (!(rule->treatment & ADDRESSES)) return false;
  if (rule->field == FIELD_RETURN_PATH) return !wanted_sender && !letters.own_sender;
  return !resent || rule->treatment & RESENT;
}

static void take_fields(void)
{
  for (size_t i = 0; i < mail_header_count(&header); i++) {
    struct mail_header_field const *f = mail_header_field(&header, i);
    struct field_rule const *rule = rule_of(f);
    if (forgotten(rule->field)) continue;
    complete_senders(!(rule->treatment & RECIPIENTS));
    if (is_ours(rule)) take_list(f, rule);
    else if (!(rule->treatment & DROPPED)) keep(f);
  }
}

/* ---- envelope ---- */

static void take_arguments(char const *const *args)
{
  stralloc address = STRALLOC_ZERO;
  if (!use_arguments) return;
  for (; *args; args++) {
    identity_complete(0, &address, &rules, *args, strlen(*args));
    if (!address.len) strerr_dief(100, "unable to parse address: ", *args);
    look_at(&address);
    recipients_add(&recipients, address.s, address.len);
  }
  stralloc_free(&address);
}

static void choose_sender(void)
{
  complete_senders(true);
  if (wanted_sender) identity_complete(0, &sender, &rules, wanted_sender, strlen(wanted_sender));
  else if (!sender_known) identity_sender(&sender, &rules, &letters, now);
  look_at(&sender);
}

/* ---- fields that are missing ---- */

static void add_date(void)
{
  if (!date_header(&head, now)) die_nomem();
}

static void add_message_id(void) { identity_message_id(&head, now); }
static void add_from(void) { identity_from(&head, &rules, &letters); }
static void add_empty_group(void) { text_add(&head, "recipient list not shown: ;"); }

struct missing {
  char const *name;
  enum field_kind unless, or_unless;
  void (*add)(void);
};

static struct missing const ordinary_missing[] = {
  { "Date: ",              FIELD_DATE,              FIELD_DATE,              add_date },
  { "Message-ID: ",        FIELD_MESSAGE_ID,        FIELD_MESSAGE_ID,        add_message_id },
  { "From: ",              FIELD_FROM,              FIELD_FROM,              add_from },
  { "Cc: ",                FIELD_TO,                FIELD_CC,                add_empty_group },
  { 0 }
};

static struct missing const resent_missing[] = {
  { "Resent-Date: ",       FIELD_RESENT_DATE,       FIELD_RESENT_DATE,       add_date },
  { "Resent-Message-ID: ", FIELD_RESENT_MESSAGE_ID, FIELD_RESENT_MESSAGE_ID, add_message_id },
  { "Resent-From: ",       FIELD_RESENT_FROM,       FIELD_RESENT_FROM,       add_from },
  { "Resent-Cc: ",         FIELD_RESENT_TO,         FIELD_RESENT_CC,         add_empty_group },
  { 0 }
};

static void add_missing(void)
{
  for (struct missing const *m = resent ? resent_missing : ordinary_missing; m->name; m++) {
    if (seen[m->unless] || seen[m->or_unless]) continue;
    text_add(&head, m->name);
    m->add();
    text_addc(&head, '\n');
  }
  if (!resent && followup.wanted && !seen[FIELD_FOLLOWUP_TO]) followup_field(&head, &followup);
}

/* ---- out ---- */

struct sink {
  void (*put)(void *, char const *, size_t);
  void *to;
};

/* The body as it is, but for its line ends. False with errno when it cannot be read to the end. */
static bool put_body(struct sink const *out)
{
  struct line_end text = { .put = out->put, .to = out->to };
  struct iovec v[2];
  line_end_put(&text, header.body_start.s, header.body_start.len);
  for (;;) {
    if (!buffer_len(&input)) {
      ssize_t r = buffer_fill(&input);
      if (r == -1) return false;
      if (r == 0) break;
    }
    buffer_rpeek(&input, v);
    line_end_put(&text, v[0].iov_base, v[0].iov_len);
    buffer_rseek(&input, v[0].iov_len);
  }
  line_end_finish(&text);
  return true;
}

static bool put_message(struct sink const *out)
{
  if (head.len) out->put(out->to, head.s, head.len);
  if (kept.len) out->put(out->to, kept.s, kept.len);
  if (!header.has_body) return true;
  out->put(out->to, "\n", 1);
  return put_body(out);
}

static void put_printed(void *to, char const *s, size_t len)
{
  if (buffer_put(to, s, len) < 0) strerr_diefusys(111, "write message");
}

static void print(void)
{
  struct sink const out = { put_printed, buffer_1 };
  stralloc path = STRALLOC_ZERO;
  text_add(&path, "Return-Path: <");
  if (!address_quote(&path, sender.s, sender.len)) die_nomem();
  text_add(&path, ">\n");
  put_printed(buffer_1, path.s, path.len);
  if (!put_message(&out)) strerr_diefsys(111, "read error");
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write message");
}

static void put_queued(void *to, char const *s, size_t len) { queue_client_put(to, s, len); }

static void put_wishes_of_sender(struct queue_client *q)
{
  if (wide) queue_client_extra(q, EXTRA_SMTPUTF8, "", 0);
  if (wishes.ret) queue_client_extra(q, EXTRA_RET, wishes.ret, strlen(wishes.ret));
  if (wishes.envid.len) queue_client_extra(q, EXTRA_ENVID, wishes.envid.s, wishes.envid.len);
}

static void put_wishes_for_recipient(struct queue_client *q)
{
  char text[NOTIFY_TEXT];
  if (wishes.notify) queue_client_extra(q, EXTRA_NOTIFY, text, notify_format(text, wishes.notify));
}

static void put_envelope(struct queue_client *q)
{
  queue_client_from(q, sender.s, sender.len);
  put_wishes_of_sender(q);
  for (size_t i = 0; i < recipients_count(&recipients); i++) {
    char const *recipient = recipients_get(&recipients, i);
    queue_client_to(q, recipient, strlen(recipient));
    put_wishes_for_recipient(q);
  }
}

static void queue(void)
{
  static struct queue_client q;
  struct sink const out = { put_queued, &q };
  recipients_unite(&recipients);
  if (!recipients_count(&recipients)) strerr_dief(100, "no recipients");
  if (!queue_client_open(&q)) strerr_diefusys(111, "run qmail-queue");
  if (!put_message(&out)) {
    int e = errno;
    queue_client_fail(&q);
    queue_client_close(&q);
    errno = e;
    strerr_diefsys(111, "read error");
  }
  put_envelope(&q);
  char const *problem = queue_client_close(&q);
  if (*problem) strerr_dief(queue_client_end(problem), problem + 1);
}

int main(int argc, char const *const *argv)
{
  int first_recipient;
  PROG = "qmail-inject";
  sig_altignore(SIGPIPE);
  now = time(0);
  read_options(argc, argv, &first_recipient);
  letters_read(&letters);
  followup_lists(&followup);
  enter_home();
  rewrite_rules_load(&rules);
  read_header();
  see_fields();
  take_arguments(argv + first_recipient);
  take_fields();
  choose_sender();
  add_missing();
  if (print_only) print();
  else queue();
  return 0;
}
