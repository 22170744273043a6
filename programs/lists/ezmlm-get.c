/* ezmlm-get: answer who asks for messages of a mailing list's archive, and send its digests.

   runs as   who owns the list
   reads     SENDER, LOCAL, DEFAULT; the request on descriptor 0; archive, num, dignum, texts
   changes   dignum, digissue, under lock; answers
   exits     99 answered, 0 it is for another program, or a digest has been sent, or there is nothing to send;
             100 refused, 111 trouble

   A digest: the new dignum and digissue are on disk beside the old ones, digissue gets its name, then the mail is queued, then dignum gets
   its own. So no message is left out, whatever fails, no two digests have the same number, and a disk that is full does not send the same
   digest again and again.
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "answer_limit.h"
#include "archive.h"
#include "contents.h"
#include "date.h"
#include "edition.h"
#include "get_request.h"
#include "list_answer.h"
#include "list_environment.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_options.h"
#include "list_sender.h"
#include "list_words.h"
#include "replace.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-get [-bBcCpPsS] [-f fmt] dir [digestcode]"
#define MARK "responder for"

enum { INDEX_LINES = 20 };            /* of an index that weigh as much as a post */

struct get {
  struct list list;
  bool bottom, closed, always_public, never_public, subscribers_only;
  char const *format;                   /* of -f, or digformat; null: none */
  char const *code;                     /* of digests, from the command line; null: none */
  struct get_request request;
  struct field word;                    /* DEFAULT, as it is shown */
  stralloc sender;
  struct mail_header header;            /* of the request */
  struct get_state state;
  struct archive_num num, digested;
};

/* ---- who may ask ---- */

static bool in_table(struct get const *g, char const *table)
{
  struct subscribers *s = subscribers_open(&g->list, table, 0);
  stralloc found = STRALLOC_ZERO;
  bool const is = subscribers_have(s, (struct field){ g->sender.s, g->sender.len }, &found);
  subscribers_close(s);
  stralloc_free(&found);
  return is;
}

/* One whom modsub, or else remote, or else mod has; he counts where the list is administered by mail. */
static bool is_moderator(struct get const *g)
{
  stralloc table = STRALLOC_ZERO;
  if (!list_flag(&g->list, "remote")) return false;
  if (!list_flag(&g->list, "modsub") || !list_setting(&table, &g->list, "modsub", 0)) list_setting(&table, &g->list, "remote", 0);
  if (!table.len) text_set(&table, "mod");
  bool const is = in_table(g, text_z(&table));
  stralloc_free(&table);
  return is;
}

static bool is_public(struct get const *g)
{
  if (g->never_public || g->always_public) return !g->never_public;
  return list_flag(&g->list, "public") && !list_flag(&g->list, "modgetonly");
}

static void refuse_who_may_not(struct get const *g)
{
  static char const *const doing[] = { [GET_MESSAGES] = "get messages", [GET_INDEX] = "get the index", [GET_THREAD] = "get threads" };
  if (g->closed) list_die(LIST_REFUSED, &g->list, "ERR_NOT_AVAILABLE", 0, 0);
  if (is_moderator(g)) return;
  if (!is_public(g)) list_die(LIST_REFUSED, &g->list, "ERR_NOT_PUBLIC", 0, 0);
  if (g->subscribers_only && !in_table(g, ".") && !in_table(g, "digest") && !in_table(g, "allow"))
    list_die(LIST_REFUSED, &g->list, "ERR_SUBSCRIBER_CAN", doing[g->request.word], 0);
}

static void refuse_wrong_code(struct get *g)
{
  stralloc code = STRALLOC_ZERO;
  if (g->code) text_set(&code, g->code);
  else list_setting(&code, &g->list, "digestcode", 0);
  text_z(&code);
  if (!get_code_is(g->request.code, (struct field){ code.s, code.len }, &g->request.format)) list_die(LIST_REFUSED, &g->list, "ERR_BAD_DIGCODE", 0, 0);
  stralloc_free(&code);
}

static void read_request(struct get *g)
{
  struct field value;
  lseek(0, 0, SEEK_SET);        /* a line before this one may have read it */
  list_header_read(&g->header, &g->list, buffer_0);
  if (mail_header_find(&value, &g->header, "Mailing-List")) list_die(LIST_REFUSED, &g->list, "ERR_MAILING_LIST", 0, 0);
  if (list_header_marked(&g->header, &g->list, MARK)) list_die(LIST_REFUSED, &g->list, "ERR_LOOPING", 0, 0);
  if (!list_header_automatic(&g->header)) return;
  list_inform(&g->list, "ERR_AUTOMATIC", 0);
  _exit(LIST_STOP);
}

/* ---- what there is ---- */

static void read_numbers(struct archive_num *to, struct get const *g, char const *file)
{
  if (!archive_num_read(to, file)) list_die_system(&g->list, "ERR_READ", file);
}

static void read_state(struct get *g)
{
  if (!list_flag(&g->list, "archived")) list_die(LIST_REFUSED, &g->list, "ERR_NOT_ARCHIVED", 0, 0);
  read_numbers(&g->num, g, "num");
  read_numbers(&g->digested, g, "dignum");
  g->state = (struct get_state){ g->num.number, g->digested.number };
}

static void refuse_without_index(struct get const *g)
{
  if (!list_flag(&g->list, "indexed")) list_die(LIST_REFUSED, &g->list, "ERR_NOT_INDEXED", 0, 0);
}

static void refuse_empty(struct get const *g)
{
  if (!g->num.number) list_die(LIST_REFUSED, &g->list, "ERR_EMPTY_LIST", 0, 0);
}

static char format_of(struct get const *g)
{
  if (g->request.format) return g->request.format;
  return g->format && get_format_is(*g->format) ? *g->format : 'm';
}

/* ---- the mail ---- */

static void put_lines(struct list const *l, char const *text, struct list_tags const *tags)
{
  stralloc lines = STRALLOC_ZERO;
  list_tags_fill(&lines, field_of(text), l, tags);
  list_mail_addx(&lines);
  stralloc_free(&lines);
}

static void put_to(struct get const *g)
{
  list_mail_address("To", (struct field){ g->sender.s, g->sender.len });
}

/* Where the request has been. */
static void put_trace(struct get const *g)
{
  for (size_t i = 0; i < mail_header_count(&g->header); i++) {
    struct mail_header_field const *f = mail_header_field(&g->header, i);
    if (list_header_is(&g->header, f, "Delivered-To") || list_header_is(&g->header, f, "Received"))
      list_mail_put(g->header.text.s + f->begin, f->end - f->begin);
  }
}

/* Content-Type, Subject, and that again as the first line. */
static void put_subject(struct edition *e, char const *boundary, stralloc const *subject)
{
  edition_fields(e, boundary);
  list_mail_field(e->list, "Subject", (struct field){ subject->s, subject->len });
  list_mail_add("\n");
  edition_text(e);
  list_mail_addx(subject);
  list_mail_add("\n\n");
}

/* The header of a reply. */
static void begin_reply(struct get const *g, struct edition *e, char const *identifier)
{
  stralloc subject = STRALLOC_ZERO;
  bool const to_first = g->request.word == GET_MESSAGES;
  struct list_tags tags = e->tags;
  tags.parameter[1] = g->word;
  list_say(&subject, &g->list, identifier, &tags);
  list_mail_open(&g->list);
  if (to_first) put_to(g);
  char const *boundary = list_mail_begin(&g->list, LIST_MAIL_REPLY);
  put_lines(&g->list, "From: <#L#>-help@<#H#>\nDelivered-To: " MARK " <#L#>@<#H#>\n", 0);
  put_trace(g);
  if (!to_first) put_to(g);
  put_subject(e, boundary, &subject);
  stralloc_free(&subject);
}

/* What the request was: its header, and some lines of its body. */
static void put_request(struct get *g)
{
  uint64_t const lines = list_copylines(&g->list);
  stralloc text = STRALLOC_ZERO, path = STRALLOC_ZERO;
  char piece[4096];
  ssize_t r;
  text_addx(&text, &g->header.text), text_add(&text, "\n"), text_addx(&text, &g->header.body_start);
  while (lines && g->header.has_body && text.len < LIST_FILE_MAX && (r = buffer_get(buffer_0, piece, sizeof piece)) > 0)
    text_addb(&text, piece, (size_t)r);
  struct field const beginning = message_beginning((struct field){ text.s, text.len }, lines);
  text_add(&path, "Return-Path: <");
  list_sender_written(&path, (struct field){ g->sender.s, g->sender.len });
  text_add(&path, ">\n");
  list_mail_addx(&path);
  list_mail_put(beginning.s, beginning.len);
  stralloc_free(&text), stralloc_free(&path);
}

static void put_bottom(struct get *g, struct edition const *e)
{
  edition_say(e, "TXT_ADMINISTRIVIA", 0, 0);
  list_mail_add("\n");
  if (g->bottom) {
    edition_put_text(e, "bottom");
    edition_request(e);
    put_request(g);
  }
  edition_messages(e, g->bottom);
}

static void end_reply(struct get const *g, struct edition const *e)
{
  stralloc sender = STRALLOC_ZERO;
  edition_end(e);
  list_tags_fill(&sender, field_of("<#L#>-return-@<#H#>"), &g->list, 0);
  list_mail_sender((struct field){ sender.s, sender.len });
  list_mail_to((struct field){ g->sender.s, g->sender.len });
  list_mail_close();
  answer_limit_done();
  stralloc_free(&sender);
}

/* Tags know the last message that there is. */
static void begin_edition(struct get const *g, struct edition *e)
{
  static char last[24];
  struct list_tags tags = { .table = ".", .target = { g->sender.s, g->sender.len } };
  snprintf(last, sizeof last, "%llu", (unsigned long long)g->num.number);
  tags.number = field_of(last);
  edition_begin(e, &g->list, format_of(g), &tags);
}

/* ---- answers ---- */

/* Ends the program where there is none. What was asked before the last post is another request. */
static void may_answer(struct get const *g, uint64_t posts)
{
  static stralloc request = STRALLOC_ZERO;
  text_addu(&request, g->num.number), text_add(&request, " "), text_addb(&request, g->word.s, g->word.len);
  if (!answer_limit_may(&g->list, &(struct answer){ { g->sender.s, g->sender.len }, { request.s, request.len }, posts })) _exit(LIST_STOP);
}

static void answer_messages(struct get *g)
{
  struct edition e;
  struct contents c = CONTENTS_ZERO;
  struct get_range const range = get_messages(&g->request, &g->state);
  may_answer(g, range.to - range.from + 1);
  if (list_flag(&g->list, "indexed")) contents_read(&c, &g->list, range.from, range.to, 0);
  begin_edition(g, &e);
  begin_reply(g, &e, "SUB_DIGEST_OF");
  edition_topics(&e, &c, range.from, range.to);
  put_bottom(g, &e);
  for (uint64_t n = range.from; n <= range.to; n++) edition_message(&e, n);
  end_reply(g, &e);
}

/* Without hashes, and without the time of day. */
static void put_index_entry(struct contents const *c, struct contents_entry const *entry)
{
  enum { TIME_OF_DAY = 15 };
  stralloc lines = STRALLOC_ZERO;
  struct field const subject = contents_subject(c, entry), date = contents_date(c, entry), author = contents_author(c, entry);
  text_addu(&lines, entry->number), text_add(&lines, ": "), text_addb(&lines, subject.s, subject.len), text_add(&lines, "\n\t");
  text_addb(&lines, date.s, date.len > TIME_OF_DAY ? date.len - TIME_OF_DAY : 0), text_add(&lines, " ");
  text_addb(&lines, author.s, author.len), text_add(&lines, "\n");
  list_mail_addx(&lines);
  stralloc_free(&lines);
}

static void answer_index(struct get *g)
{
  struct edition e;
  struct contents c = CONTENTS_ZERO;
  struct get_range const range = get_entries(&g->request, &g->state);
  refuse_without_index(g);
  if (!contents_read(&c, &g->list, range.from, range.to, 0)) list_die(LIST_REFUSED, &g->list, "ERR_BAD_INDEX", 0, 0);
  may_answer(g, contents_count(&c) / INDEX_LINES);
  begin_edition(g, &e);
  begin_reply(g, &e, "SUB_RESULT_OF");
  for (size_t i = 0; i < contents_count(&c); i++) put_index_entry(&c, contents_entry(&c, i));
  list_mail_add("\n");
  put_bottom(g, &e);
  end_reply(g, &e);
}

/* All of the subject that this message has. */
static void read_thread(struct contents *c, struct get const *g)
{
  uint64_t const number = g->request.from;
  struct contents own = CONTENTS_ZERO;
  contents_read(&own, &g->list, number, number, 0);
  if (!contents_count(&own)) list_die(LIST_REFUSED, &g->list, "ERR_BAD_INDEX", 0, 0);
  contents_read(c, &g->list, number > GET_THREAD_SPAN ? number - GET_THREAD_SPAN : 1,
                g->num.number - number > GET_THREAD_SPAN ? number + GET_THREAD_SPAN : g->num.number, contents_entry(&own, 0)->hash);
  contents_free(&own);
}

static void answer_thread(struct get *g)
{
  struct edition e;
  struct contents c = CONTENTS_ZERO;
  bool const is_there = g->request.from && g->request.from <= g->num.number;
  refuse_without_index(g);
  if (is_there) read_thread(&c, g);
  may_answer(g, contents_count(&c));
  begin_edition(g, &e);
  begin_reply(g, &e, "SUB_DIGEST_OF");
  if (is_there) edition_topics(&e, &c, 0, 0);
  else edition_put_text(&e, "get-bad"), list_mail_add("\n");
  put_bottom(g, &e);
  for (size_t i = 0; i < contents_count(&c); i++) edition_message(&e, contents_entry(&c, i)->number);
  end_reply(g, &e);
}

/* ---- a digest ---- */

struct digest { struct get *get; struct replacement number, issue; char first[24], date[64], issue_digits[24], last_issue[24]; };

static void prepare(struct replacement *r, char const *name, char const *aside, char const *text)
{
  if (!replace_begin(r, name, aside, 0644) || !replace_write(r, text, strlen(text)) || !replace_settle(r)) replace_die(r);
}

static void name(struct replacement *r)
{
  if (!replace_name(r)) replace_die(r);
}

/* The first digest of a list that has been there for long is none of all that has ever been written. */
static uint64_t first_of_digest(struct get const *g)
{
  if (!g->state.digested && g->num.number > GET_MESSAGES_MAX) return g->num.number - GET_MESSAGES_MAX + 1;
  return g->state.digested + 1;
}

/* What dignum and digissue will say is on disk, without their names. */
static void prepare_state(struct digest *d)
{
  char text[96];
  struct archive_num issue;
  time_t const now = time(0);
  stralloc date = STRALLOC_ZERO;
  read_numbers(&issue, d->get, "digissue");
  snprintf(d->last_issue, sizeof d->last_issue, "%llu:0\n", (unsigned long long)issue.number);
  snprintf(d->first, sizeof d->first, "%llu", (unsigned long long)first_of_digest(d->get));
  snprintf(d->issue_digits, sizeof d->issue_digits, "%llu", (unsigned long long)issue.number + 1);
  while (!date_header(&date, now)) memory_gone();
  snprintf(d->date, sizeof d->date, "%s", text_z(&date));
  snprintf(text, sizeof text, "%llu:%llu:%llu\n", (unsigned long long)d->get->num.number, (unsigned long long)d->get->num.size, (unsigned long long)now);
  prepare(&d->number, "dignum", "dignumnew", text);
  snprintf(text, sizeof text, "%s:0\n", d->issue_digits);
  prepare(&d->issue, "digissue", "digissuenew", text);
  stralloc_free(&date);
}

static void put_added_fields(struct edition const *e)
{
  stralloc added = STRALLOC_ZERO;
  list_settings(&added, e->list, "headeradd", &e->tags);
  for (size_t at = 0; at < added.len; at += strlen(added.s + at) + 1) list_mail_add(added.s + at), list_mail_add("\n");
  stralloc_free(&added);
}

static void put_digest_header(struct digest const *d, struct edition *e)
{
  stralloc subject = STRALLOC_ZERO;
  struct list_tags tags = e->tags;
  tags.parameter[1] = field_of(d->date);
  tags.parameter[2] = field_of(d->issue_digits);
  list_say(&subject, e->list, "SUB_DIGEST_ISSUE", &tags);
  put_added_fields(e);
  char const *boundary = list_mail_begin(e->list, LIST_MAIL_POST);
  put_lines(e->list, "From: <#L#>-digest-help@<#H#>\nDelivered-To: " MARK " <#L#>-digest@<#H#>\nTo: <#L#>@<#H#>\n", &e->tags);
  put_subject(e, boundary, &subject);
  stralloc_free(&subject);
}

static void put_digest(struct digest const *d)
{
  struct get *g = d->get;
  struct edition e;
  struct contents c = CONTENTS_ZERO;
  struct list_tags const tags = { .table = "digest", .number = field_of(d->first) };
  uint64_t const from = first_of_digest(g), to = g->num.number;
  if (list_flag(&g->list, "indexed")) contents_read(&c, &g->list, from, to, 0);
  edition_begin(&e, &g->list, format_of(g), &tags);
  put_digest_header(d, &e);
  edition_topics(&e, &c, from, to);
  edition_say(&e, "TXT_ADMINISTRIVIA", 0, 0), list_mail_add("\n");
  edition_put_text(&e, "digest");
  edition_messages(&e, false);
  for (uint64_t n = from; n <= to; n++) edition_message(&e, n);
  edition_end(&e);
}

static void put_recipient(void *to, struct field address)
{
  (void)to;
  list_mail_to(address);
}

static void put_digest_envelope(struct digest const *d, struct subscribers *readers)
{
  struct list_tags const tags = { .number = field_of(d->first) };
  struct subscribers_range const all = { 0, SUBSCRIBERS_HASHES - 1 };
  stralloc sender = STRALLOC_ZERO;
  list_tags_fill(&sender, field_of("<#L#>-digest-return-<#n#>-@<#H#>-@[]"), &d->get->list, &tags);
  list_mail_sender((struct field){ sender.s, sender.len });
  subscribers_each(readers, all, put_recipient, 0);
  stralloc_free(&sender);
}

/* The number of a digest that nobody got is free again; of one that somebody may have got it is not. */
static void free_number(struct digest *d)
{
  if (list_mail_uncertain()) return;
  struct replacement *r = &d->issue;
  if (!replace_begin(r, "digissue", "digissuenew", 0644) || !replace_write(r, d->last_issue, strlen(d->last_issue)) || !replace_commit(r))
    list_warn_system(&d->get->list, "ERR_WRITE", "digissue");
}

/* Whoever waits for the lock sees what has been sent. A digest that nobody reads is none the less one. */
static int send_digest(struct get *g, int done)
{
  struct digest d = { .get = g, .number = REPLACEMENT_ZERO, .issue = REPLACEMENT_ZERO };
  list_lock("lock");
  read_state(g);
  refuse_empty(g);
  if (g->num.number <= g->state.digested) {
    list_inform(&g->list, "ERR_EMPTY_DIGEST", 0);
    return done;
  }
  struct subscribers *readers = subscribers_open(&g->list, "digest", 0);
  bool const is_read = subscribers_each(readers, (struct subscribers_range){ 0, SUBSCRIBERS_HASHES - 1 }, 0, 0);
  prepare_state(&d);
  if (is_read) {
    list_mail_open(&g->list);
    put_digest(&d);
    put_digest_envelope(&d, readers);
    name(&d.issue);
    if (!list_mail_queued()) {
      free_number(&d);
      replace_forget(&d.number);
      return LIST_TROUBLE;
    }
  } else name(&d.issue);
  name(&d.number);
  return done;
}

/* ---- who has called ---- */

static int answer(struct get *g)
{
  static void (*const answers[])(struct get *g) = { [GET_MESSAGES] = answer_messages, [GET_INDEX] = answer_index, [GET_THREAD] = answer_thread };
  read_request(g);
  if (g->request.word == GET_DIGEST) {
    refuse_wrong_code(g);
    return send_digest(g, LIST_STOP);
  }
  refuse_who_may_not(g);
  read_state(g);
  refuse_empty(g);
  answers[g->request.word](g);
  return LIST_STOP;
}

/* What is no character of an address is none of a subject either. */
static struct field shown(char const *word)
{
  static stralloc text = STRALLOC_ZERO;
  for (; *word; word++) text_addc(&text, (unsigned char)*word < 32 || *word == 127 ? '?' : *word);
  text_z(&text);
  return (struct field){ text.s, text.len };
}

int main(int argc, char const *const *argv)
{
  static struct get g = { .bottom = true };
  struct list_option const options[] = {
    { 'b', OPTION_ON, &g.bottom, 0 }, { 'B', OPTION_OFF, &g.bottom, "omitbottom" },
    { 'c', OPTION_OFF, &g.closed, 0 }, { 'C', OPTION_ON, &g.closed, 0 },
    { 'p', OPTION_ON, &g.always_public, 0 }, { 'P', OPTION_ON, &g.never_public, 0 },
    { 's', OPTION_ON, &g.subscribers_only, "subgetonly" }, { 'S', OPTION_OFF, &g.subscribers_only, 0 },
    { 'f', OPTION_TEXT, &g.format, "digformat" }, { 0 }
  };
  PROG = "ezmlm-get";
  g.code = argv[list_options(&g.list, argc, argv, options, LIST_NEEDED, USAGE)];
  char const *local = getenv("LOCAL"), *word = getenv("DEFAULT");
  if (!local || !*local) return send_digest(&g, 0);
  if (word && !*word) return 0;
  list_sender_answerable(&g.sender, &g.list);
  if (!word) return send_digest(&g, 0);
  get_request_read(&g.request, field_of(word));
  if (g.request.word == GET_NOTHING) return 0;
  g.word = shown(word);
  return answer(&g);
}
