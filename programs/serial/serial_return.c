#include <errno.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "control.h"
#include "date.h"
#include "message_id.h"
#include "queue_client.h"
#include "serial_return.h"
#include "text.h"

static stralloc bouncefrom = STRALLOC_ZERO, bouncehost = STRALLOC_ZERO;
static stralloc doublebounceto = STRALLOC_ZERO, doublebouncehost = STRALLOC_ZERO;

static struct control const controls[] = {
  /* file                kind          goes to             when absent */
  { "bouncefrom",        CONTROL_LINE, &bouncefrom,        "MAILER-DAEMON" },
  { "bouncehost",        CONTROL_LINE, &bouncehost,        CONTROL_ME },
  { "doublebouncehost",  CONTROL_LINE, &doublebouncehost,  CONTROL_ME },
  { "doublebounceto",    CONTROL_LINE, &doublebounceto,    "postmaster" },
  { 0 }
};

void serial_return_begin(void)
{
  control_load_or_die(controls);
  if (!doublebounceto.len) return;
  text_add(&doublebounceto, "@");
  text_addx(&doublebounceto, &doublebouncehost);
}

/* ---- texts ---- */

static char const greeting[] = "\n\nHi. This is the maildirbounce program at ";
static char const single_text[] =
  ".\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
  "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<";
static char const double_text[] =
  ".\nI tried to deliver a bounce message to this address, but the bounce bounced!\n\n<";
static char const late_text[] = "I'm not going to try again; this message has been in the queue too long.\n";
static char const single_break[] = "\n--- Below this line is a copy of the message.\n\n";
static char const double_break[] = "\n--- Below this line is the original bounce.\n\n";

/* An address that quoting cannot make safe for one header line would begin another one. */
static void add_address(stralloc *to, struct field address)
{
  size_t begin = to->len;
  while (!address_quote(to, address.s, address.len)) memory_gone();
  for (size_t i = begin; i < to->len; i++)
    if (to->s[i] == '\n' || to->s[i] == '\r') to->s[i] = '_';
}

static void add_from(stralloc *to)
{
  stralloc from = STRALLOC_ZERO;
  text_addx(&from, &bouncefrom);
  text_add(&from, "@");
  text_addx(&from, &bouncehost);
  add_address(to, (struct field){ from.s, from.len });
  stralloc_free(&from);
}

static void add_header(stralloc *to, struct field whom)
{
  time_t now = time(0);
  text_set(to, "Date: ");
  while (!date_header(to, now)) memory_gone();
  text_add(to, "\nFrom: ");
  add_from(to);
  text_add(to, "\nTo: ");
  add_address(to, whom);
  text_add(to, "\nSubject: failure notice\nMessage-ID: ");
  while (!message_id(to, bouncehost.s, bouncehost.len, now)) memory_gone();
  text_add(to, "\nAuto-Submitted: auto-replied");
}

static void add_body(stralloc *to, struct serial_message const *m, struct field text, bool is_late)
{
  bool is_double = !m->sender.len;
  text_add(to, greeting);
  text_addx(to, &bouncehost);
  text_add(to, is_double ? double_text : single_text);
  text_addx(to, &m->recipient);
  text_add(to, ">:\n");
  text_addb(to, text.s, text.len);
  text_add(to, "\n");
  if (is_late) text_add(to, late_text);
  text_add(to, is_double ? double_break : single_break);
}

/* ---- the bounce ---- */

/* The message as it was given to us: with Return-Path, and without the line of a delivery that was none. */
static void put_original(struct queue_client *q, struct serial_message const *m)
{
  char const *piece;
  uint64_t at = 0;
  ssize_t r;
  queue_client_puts(q, "Return-Path: <");
  queue_client_put(q, m->head.sender.s, m->head.sender.len);
  queue_client_puts(q, ">\n");
  while ((r = serial_message_next(m, &at, &piece)) > 0) queue_client_put(q, piece, (size_t)r);
  if (r == -1) queue_client_fail(q);
}

enum serial_returned serial_return(struct serial_message const *m, struct field text, bool is_late, unsigned long *qp,
                                   char const **why)
{
  static struct queue_client q;
  static stralloc head = STRALLOC_ZERO;
  struct field sender = { m->sender.s, m->sender.len };
  bool is_double = !sender.len;
  if (field_is(sender, "#@[]")) return *why = "triple bounce", SERIAL_DISCARDED;
  if (is_double && !doublebounceto.len) return *why = "double bounce", SERIAL_DISCARDED;
  struct field whom = is_double ? (struct field){ doublebounceto.s, doublebounceto.len } : sender;
  if (!queue_client_open(&q)) return *why = strerror(errno), SERIAL_NOT_RETURNED;
  add_header(&head, whom);
  add_body(&head, m, text, is_late);
  queue_client_put(&q, head.s, head.len);
  put_original(&q, m);
  queue_client_from(&q, "#@[]", is_double ? 4 : 0);
  queue_client_to(&q, whom.s, whom.len);
  *why = queue_client_close(&q);
  if (**why) return ++*why, SERIAL_NOT_RETURNED;
  *qp = queue_client_qp(&q);
  return SERIAL_RETURNED;
}
