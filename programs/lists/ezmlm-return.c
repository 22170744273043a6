/* ezmlm-return: keep a bounce of a mailing list for the warning that its subscriber gets, or take him off the list.

   runs as   who owns the list
   reads     SENDER, DEFAULT, the bounce on descriptor 0
   changes   DIR/bounce, with -d DIR/digest/bounce, under lockbounce; the table of subscribers where a probe came back
   exits     99 done, or nothing to do; 100 no such address, 111 trouble

   What is done twice since it was not finished the first time does no harm: a number is kept once, and a second first bounce is a
   second warning at most. So the bounce is kept before its number is, which says that there is one.
*/

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "address.h"
#include "bounce_files.h"
#include "bounce_report.h"
#include "cookie.h"
#include "list_environment.h"
#include "list_options.h"
#include "list_words.h"
#include "membership.h"
#include "number.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-return [-dD] dir"

enum {
  HEAD_MAX = 65536,                   /* bytes of the beginning of a bounce that are kept for each of its recipients */
  KEPT_MAX = 1 << 17,                 /* and of all of it: ezmlm-warn looks at no more */
  FAILURES_MAX = 10000,               /* of one bounce */
  TURN = 100                          /* of them, and others who have a bounce have theirs */
};

struct bounce {
  struct list list;
  bool digest;
  int lock;
  char const *place;
  struct subscribers *subscribers;
  stralloc sender, message;
  struct field number;
  uint64_t now;
  size_t failures;                    /* of whom this bounce tells */
};

/* ---- what has come ---- */

/* What follows BOUNCE_REPORT_MAX bytes is nothing that says anything. */
static void read_message(struct bounce *b)
{
  char piece[8192];
  ssize_t r;
  while (b->message.len < BOUNCE_REPORT_MAX && (r = buffer_get(buffer_0, piece, sizeof piece))) {
    if (r == -1) list_die_system(&b->list, "ERR_READ_INPUT", 0);
    text_addb(&b->message, piece, (size_t)r);
  }
  text_z(&b->message);
}

static struct field message_of(struct bounce const *b)
{
  return (struct field){ b->message.s, b->message.len };
}

/* joe=example.org behind a hyphen is joe@example.org. */
static bool address_of(stralloc *to, struct field rest)
{
  if (rest.len < 2 || *rest.s != '-') return false;
  text_setb(to, rest.s + 1, rest.len - 1);
  for (size_t i = to->len; i--;)
    if (to->s[i] == '=') return to->s[i] = '@', true;
  return true;
}

static _Noreturn void nothing_to_do(void)
{
  strerr_warni("no address of this list, or one that is too old: nothing is kept");
  _exit(LIST_STOP);
}

/* ---- a post ---- */

static void keep(struct bounce *b, enum bounce_file kind, struct field address, struct field head, struct field text)
{
  if (text.len > KEPT_MAX) text.len = KEPT_MAX;
  struct field const pieces[] = {
    address, { "", 1 }, field_of("Return-Path: <"), { b->sender.s, b->sender.len }, field_of(">\n"), head, field_of(head.len ? "\n" : ""), text, { 0, 0 }
  };
  bounce_keep(b->place, kind, b->now, pieces);
}

static void post_of(struct bounce *b, struct field address, struct field head, struct field text)
{
  stralloc kept = STRALLOC_ZERO;
  if (membership_own(b->subscribers, address, &kept)) {
    struct field const who = { kept.s, kept.len };
    if (!bounce_numbers_there(b->place, who)) keep(b, BOUNCE_FIRST, who, head, text);
    bounce_numbers_add(b->place, who, b->number);
  }
  stralloc_free(&kept);
}

/* Who comes after too many of them comes back with the next post. */
static void failed_recipient(void *arg, struct bounce_failure const *f)
{
  struct field head = f->head;
  struct bounce *b = arg;
  if (++b->failures > FAILURES_MAX) return;
  if (b->failures % TURN == 0) {
    fd_close(b->lock);
    b->lock = bounce_lock(b->digest);
  }
  if (head.len > HEAD_MAX) head.len = HEAD_MAX;
  post_of(b, f->address, head, f->text);
}

/* A bounce that says itself of whom it is. */
static void all_returned(struct bounce *b)
{
  char digits[UINT64_FMT];
  bounce_failures(message_of(b), failed_recipient, b);
  if (b->failures <= FAILURES_MAX) return;
  digits[uint64_fmt(digits, b->failures - FAILURES_MAX)] = 0;
  strerr_warni("too many addresses in one bounce: ", digits, " at its end are not looked at, and count when they come back again");
}

/* N-user=host, or N- where the bounce itself says of whom it is. */
static void post_returned(struct bounce *b, struct field rest)
{
  stralloc address = STRALLOC_ZERO;
  uint64_t number;
  b->number = (struct field){ rest.s, number_scan(rest.s, rest.len, &number) };
  rest.s += b->number.len, rest.len -= b->number.len;
  if (!b->number.len || !rest.len || *rest.s != '-') list_die(LIST_REFUSED, &b->list, "ERR_BAD_RETURN_ADDRESS", 0, 0);
  read_message(b);
  if (address_of(&address, rest)) post_of(b, (struct field){ address.s, address.len }, (struct field){ "", 0 }, message_of(b));
  else all_returned(b);
}

/* ---- a warning, a probe ---- */

/* TIME.COOKIE-user=host: the address, if it is one that we gave out, and not too long ago. */
static bool proven(stralloc *address, struct bounce const *b, struct field rest, char action)
{
  struct dated_cookie c;
  struct field const key = { b->list.key.s, b->list.key.len };
  return cookie_read(&c, &rest) && address_of(address, rest) && cookie_fresh(&c, b->now, COOKIE_BOUNCE_LIFE)
      && cookie_is(c.cookie, key, c.date, (struct field){ address->s, address->len }, action);
}

static void warning_returned(struct bounce *b, struct field rest)
{
  stralloc address = STRALLOC_ZERO, kept = STRALLOC_ZERO;
  if (!proven(&address, b, rest, 'W')) nothing_to_do();
  read_message(b);
  if (membership_own(b->subscribers, (struct field){ address.s, address.len }, &kept))
    keep(b, BOUNCE_OF_WARNING, (struct field){ kept.s, kept.len }, (struct field){ "", 0 }, message_of(b));
}

/* A mailbox that is full is somebody's: the next post that bounces counts anew. */
static void probe_returned(struct bounce *b, struct field rest)
{
  struct subscribers_event const probe = { "-probe", { "", 0 } };
  stralloc address = STRALLOC_ZERO, kept = STRALLOC_ZERO;
  if (!proven(&address, b, rest, 'P')) nothing_to_do();
  read_message(b);
  if (!membership_own(b->subscribers, (struct field){ address.s, address.len }, &kept)) return;
  if (bounce_passes(message_of(b))) strerr_warni("the reason may pass by itself: the address stays");
  else subscribers_remove(b->subscribers, (struct field){ kept.s, kept.len }, &probe, -1);
}

/* What lists in databases were once to send with addresses of these forms nobody has ever sent. */
static void nothing_returned(struct bounce *b, struct field rest)
{
  (void)b, (void)rest;
  nothing_to_do();
}

static struct { char const *word; void (*does)(struct bounce *b, struct field rest); } const words[] = {
  { "warn-", warning_returned }, { "probe-", probe_returned }, { "receipt-", nothing_returned }, { "m-", nothing_returned },
  { "g-", nothing_returned }, { "", post_returned }
};

static void take(struct bounce *b, struct field rest)
{
  size_t i = 0;
  while (strncmp(rest.s, words[i].word, strlen(words[i].word)) != 0) i++;
  size_t const len = strlen(words[i].word);
  words[i].does(b, (struct field){ rest.s + len, rest.len - len });
}

int main(int argc, char const *const *argv)
{
  static struct bounce b;
  struct list_option const options[] = { { 'd', OPTION_ON, &b.digest, 0 }, { 'D', OPTION_OFF, &b.digest, 0 }, { 0 } };
  PROG = "ezmlm-return";
  list_options(&b.list, argc, argv, options, LIST_NEEDED, USAGE);
  list_sender(&b.sender, &b.list);
  char const *rest = list_default(&b.list);
  if (!*rest) nothing_to_do();
  b.place = bounce_place(b.digest);
  b.now = (uint64_t)time(0);
  b.subscribers = subscribers_open(&b.list, b.digest ? "digest" : ".", 0);
  b.lock = bounce_lock(b.digest);
  take(&b, field_of(rest));
  return LIST_STOP;
}
