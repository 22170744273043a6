/* ezmlm-send: send a message to all who are on a list.

   runs as   the list's owner
   reads     the post on descriptor 0, the list's settings, SENDER
   changes   archive/, num, the memory dmarc; queues one message
   exits     0 it is on its way, 100 this list does not take it, 111 later

   What is on disk when the power goes, or the program is killed. Each step is on disk before the next one:
     1. the post in the archive, not complete          the next attempt writes over it, and over
     2. the post, complete; its entry in the index     all of these, since num does not know it
     3. num                                            the number is taken: the next attempt takes the next one
     4. the queue has it, which is one call            it is on its way; exit 0
   So no number is given twice, and a post that is not on its way comes again; cut between 3 and 4, or when the queue goes without
   an answer, it is in the archive twice. Where the queue refuses, 3 and 2 are taken back.
*/

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "archive.h"
#include "cookie.h"
#include "dmarc.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_options.h"
#include "list_sender.h"
#include "number.h"
#include "post.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-send [-cClLqQrR] [-H header] [-s lo_hi] dir"

static struct post post = { .list = LIST_ZERO, .header = MAIL_HEADER_ZERO, .archive_fd = -1 };
static char const *sublist_field = "mailing-list", *range_wanted;
static struct subscribers_range range = { 0, SUBSCRIBERS_HASHES - 1 };

static bool logs;                   /* posts, where a database has a log of them */
static uint64_t readers;

static struct list_option const options[] = {
  { 'r', OPTION_ON, &post.all_received, 0 },
  { 'R', OPTION_OFF, &post.all_received, 0 },
  { 'H', OPTION_TEXT, &sublist_field, 0 },
  { 's', OPTION_TEXT, &range_wanted, 0 },
  { 'S', OPTION_TEXT, &range_wanted, 0 },
  { 'c', OPTION_IGNORED, 0, 0 }, { 'C', OPTION_IGNORED, 0, 0 },
  { 'l', OPTION_ON, &logs, 0 }, { 'L', OPTION_OFF, &logs, 0 },
  { 'q', OPTION_IGNORED, 0, 0 }, { 'Q', OPTION_IGNORED, 0, 0 },
  { 0 }
};

/* ---- settings ---- */

static void read_range(void)
{
  uint64_t low = 0, high = SUBSCRIBERS_HASHES - 1;
  if (!range_wanted) return;
  size_t digits = number_scan(range_wanted, strlen(range_wanted), &low);
  if (range_wanted[digits]) number_scan(range_wanted + digits + 1, strlen(range_wanted + digits + 1), &high);
  if (high >= SUBSCRIBERS_HASHES) high = SUBSCRIBERS_HASHES - 1;
  if (low > high) low = high;
  range = (struct subscribers_range){ (unsigned)low, (unsigned)high };
}

static void read_settings(struct post *p)
{
  struct list const *l = &p->list;
  read_range();
  list_setting(&p->parent, l, "sublist", &p->tags);
  p->archived = list_flag(l, "archived");
  p->indexed = list_flag(l, "indexed");
  p->reply_to_list = list_flag(l, "replytolist");
  p->rewrite_from = list_flag(l, "rewritefrom");
  p->choice.keep = list_settings(&p->choice.names, l, "headerkeep", &p->tags);
  if (!p->choice.keep && !list_settings(&p->choice.names, l, "headerremove", &p->tags)) list_die_missing(l, "headerremove");
  if (!p->parent.len) list_setting(&p->prefix_pattern, l, "prefix", &p->tags);
}

static void read_sender(struct post *p)
{
  char const *sender = getenv("SENDER");
  if (!sender) return;
  if (list_sender_is_bounce(field_of(sender))) list_die(LIST_REFUSED, &p->list, "ERR_BOUNCE", 0, 0);
  list_sender_plain(&p->sender, field_of(sender));
}

/* ---- what this list takes ---- */

static bool begins(struct field f, char const *s, size_t len)
{
  return f.len >= len && !strncasecmp(f.s, s, len);
}

/* Of a message that the parent list sent, the number there; the digits of "-return-N-" behind the list's name. */
static bool parent_number(struct post const *p, struct field *digits)
{
  uint64_t number;
  char const *at = memrchr(p->parent.s, '@', p->parent.len);
  size_t local = at ? (size_t)(at - p->parent.s) : p->parent.len, skip = local + sizeof "-return-" - 1;
  if (p->sender.len < skip || strncasecmp(p->sender.s + local, "-return-", skip - local) != 0) return false;
  size_t n = number_scan(p->sender.s + skip, p->sender.len - skip, &number);
  *digits = (struct field){ p->sender.s + skip, n };
  return n && n < sizeof p->digits && skip + n < p->sender.len && p->sender.s[skip + n] == '-';
}

static bool is_from_parent(struct post const *p)
{
  char const *at = memrchr(p->parent.s, '@', p->parent.len);
  size_t local = at ? (size_t)(at - p->parent.s) : p->parent.len, host = p->parent.len - local;
  struct field sender = { p->sender.s, p->sender.len };
  if (sender.len < local + host || !begins(sender, p->parent.s, local)) return false;
  return begins((struct field){ sender.s + sender.len - host, host }, p->parent.s + local, host);
}

static void refuse_what_is_not_for_us(struct post const *p)
{
  struct field value;
  bool is_from_list = mail_header_find(&value, &p->header, p->parent.len ? sublist_field : "mailing-list");
  if (p->parent.len && !is_from_parent(p)) list_die(LIST_REFUSED, &p->list, "ERR_NOT_PARENT", 0, 0);
  if (p->parent.len && !is_from_list) list_die(LIST_REFUSED, &p->list, "ERR_SUBLIST", 0, 0);
  if (!p->parent.len && is_from_list) list_die(LIST_REFUSED, &p->list, "ERR_MAILING_LIST", 0, 0);
  if (list_header_marked(&p->header, &p->list, "mailing list")) list_die(LIST_REFUSED, &p->list, "ERR_LOOPING", 0, 0);
}

/* ---- whose domain wants his mail to come from him ---- */

static stralloc domain = STRALLOC_ZERO;
static struct dmarc_answer answer = { DMARC_OPEN, false };

/* Before the list is locked: name servers take their time. */
static void ask_dmarc(struct post *p)
{
  if (p->rewrite_from || p->parent.len || !dmarc_domain(&domain, list_header_value(&p->header, "from"))) return;
  struct field f = { domain.s, domain.len };
  answer = dmarc_ask(f);
  if (answer.policy == DMARC_UNKNOWN) list_die(LIST_TROUBLE, &p->list, "ERR_DNS_LOOKUP", text_z(&domain), 0);
  p->rewrite_from = answer.policy == DMARC_STRICT;
}

/* ---- a number ---- */

static struct archive_num before;

/* The last # of the prefix is the number. */
static void number_prefix(struct post *p)
{
  char const *hash = p->prefix_pattern.len ? memrchr(p->prefix_pattern.s, '#', p->prefix_pattern.len) : 0;
  size_t at = hash ? (size_t)(hash - p->prefix_pattern.s) : p->prefix_pattern.len;
  text_setb(&p->prefix, p->prefix_pattern.s, at);
  if (!hash) return;
  text_add(&p->prefix, p->digits);
  text_addb(&p->prefix, hash + 1, p->prefix_pattern.len - at - 1);
}

/* Subscribers of a part of a list without an archive of its own look for posts in the archive of the whole. */
static void take_number(struct post *p)
{
  struct field digits;
  if (!archive_num_read(&before, "num")) list_die_system(&p->list, "ERR_READ", "num");
  p->number = before.number + 1;
  if (!p->archived && p->parent.len && parent_number(p, &digits)) snprintf(p->digits, sizeof p->digits, "%.*s", (int)digits.len, digits.s);
  else snprintf(p->digits, sizeof p->digits, "%llu", (unsigned long long)p->number);
  p->tags.number = field_of(p->digits);
  if (!p->parent.len) number_prefix(p);
}

static void open_archive(struct post *p)
{
  if (!p->archived) return;
  p->archive_fd = archive_create(p->number);
  if (p->archive_fd == -1) post_archive_failed(p);
}

/* ---- the envelope ---- */

static void put_recipient(void *to, struct field address)
{
  (void)to;
  list_mail_to(address);
}

static void put_envelope(struct post *p)
{
  stralloc sender = STRALLOC_ZERO;
  struct subscribers *table = subscribers_open(&p->list, ".", 0);
  text_addx(&sender, &p->list.local);
  text_add(&sender, "-return-");
  text_add(&sender, p->digits);
  text_add(&sender, "-@");
  text_addx(&sender, &p->list.host);
  text_add(&sender, "-@[]");
  list_mail_sender((struct field){ sender.s, sender.len });
  readers = subscribers_each(table, range, put_recipient, 0);
  subscribers_close(table);
  stralloc_free(&sender);
}

/* ---- the log of posts ---- */

/* Before it is sent with a cookie, for programs of the site. */
static bool note(struct post *p, enum post_stage stage, stralloc *why)
{
  char cookie[COOKIE_LENGTH], digits[UINT64_FMT];
  struct field const number = { digits, uint64_fmt(digits, p->number) };
  struct subscribers_post log = { .number = p->number, .readers = stage == POST_SENT ? readers : 0, .stage = stage };
  if (!logs) return true;
  cookie_make(cookie, (struct field){ p->list.key.s, p->list.key.len }, number, (struct field){ p->sender.s, p->sender.len }, 'm');
  if (stage == POST_ACCEPTED) log.cookie = (struct field){ cookie, sizeof cookie };
  struct subscribers *table = subscribers_open(&p->list, ".", 0);
  bool const noted = subscribers_note_post(table, &log, why);
  subscribers_close(table);
  return noted;
}

static void note_accepted(struct post *p)
{
  stralloc why = STRALLOC_ZERO;
  if (!note(p, POST_ACCEPTED, &why)) list_die(LIST_TROUBLE, &p->list, "ERR_SUBSCRIBERS", why.s, 0);
}

/* It is on its way, whether or not there is a line about it. */
static int note_sent(struct post *p)
{
  stralloc why = STRALLOC_ZERO;
  if (!note(p, POST_SENT, &why)) list_warn(&p->list, "ERR_SUBSCRIBERS", why.s);
  return 0;
}

/* ---- what stays ---- */

static void complete_archive(struct post *p)
{
  if (p->archive_fd == -1) return;
  post_flush(p);
  int fd = p->archive_fd;
  p->archive_fd = -1;
  if (!archive_complete(fd, p->number)) post_archive_failed(p);
}

static void put_index(struct post *p)
{
  stralloc entry = STRALLOC_ZERO;
  char path[ARCHIVE_PATH_MAX];
  struct index_fields fields = { list_header_value(&p->header, "subject"), list_header_value(&p->header, "from"), list_header_value(&p->header, "received"),
                                 { p->prefix_pattern.s, p->prefix_pattern.len } };
  if (!p->archived || !p->indexed) return;
  index_add(&entry, p->number, &fields);
  archive_index(path, p->number);
  if (!archive_index_put(p->number, (struct field){ entry.s, entry.len })) list_die_system(&p->list, "ERR_WRITE", path);
  stralloc_free(&entry);
}

static void put_num(struct post *p)
{
  struct archive_num now = { p->number, before.size + archive_size(p->body) };
  if (!archive_num_write(&now)) list_die_system(&p->list, "ERR_WRITE", "num");
}

static int take_back(struct post *p)
{
  if (list_mail_uncertain()) return LIST_TROUBLE;
  if (!archive_num_write(&before)) list_warn_system(&p->list, "ERR_WRITE", "num");
  else if (p->archived) archive_forget(p->number);
  return LIST_TROUBLE;
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-send";
  struct post *p = &post;
  list_options(&p->list, argc, argv, options, LIST_NEEDED, USAGE);
  sig_altignore(SIGPIPE);
  read_settings(p);
  read_sender(p);
  list_header_read(&p->header, &p->list, buffer_0);
  refuse_what_is_not_for_us(p);
  ask_dmarc(p);
  list_lock("lock");
  dmarc_keep((struct field){ domain.s, domain.len }, answer);
  take_number(p);
  open_archive(p);
  list_mail_open(&p->list);
  post_header(p);
  if (!post_body(p, buffer_0)) list_die(LIST_REFUSED, &p->list, "ERR_BAD_ALL", 0, 0);
  put_envelope(p);
  note_accepted(p);
  complete_archive(p);
  put_index(p);
  put_num(p);
  return list_mail_queued() ? note_sent(p) : take_back(p);
}
