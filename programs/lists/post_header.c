#include <string.h>
#include <strings.h>

#include "author.h"
#include "encoded_word.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_sender.h"
#include "post.h"
#include "subject.h"
#include "text.h"
#include "utf8.h"

static bool is_sublist(struct post const *p)
{
  return p->parent.len;
}

static void put_address(struct post *p, enum post_where where, char const *before, char const *behind)
{
  post_add(p, where, before);
  post_put(p, where, p->list.local.s, p->list.local.len);
  post_add(p, where, "@");
  post_put(p, where, p->list.host.s, p->list.host.len);
  post_add(p, where, behind);
}

/* ---- what the list says first ---- */

static void put_added_fields(struct post *p)
{
  stralloc lines = STRALLOC_ZERO;
  list_settings(&lines, &p->list, "headeradd", &p->tags);
  for (size_t at = 0; at < lines.len; at += strlen(lines.s + at) + 1) {
    post_add(p, TO_QUEUE, lines.s + at);
    post_add(p, TO_QUEUE, "\n");
  }
  stralloc_free(&lines);
}

static void put_first_fields(struct post *p)
{
  stralloc sender = STRALLOC_ZERO;
  list_sender_written(&sender, (struct field){ p->sender.s, p->sender.len });
  post_add(p, TO_ARCHIVE, "Return-Path: <");
  post_put(p, TO_ARCHIVE, sender.s, sender.len);
  post_add(p, TO_ARCHIVE, ">\n");
  stralloc_free(&sender);
  if (!is_sublist(p)) list_mail_contact(&p->list);
  put_added_fields(p);
  put_address(p, TO_BOTH, "Delivered-To: mailing list ", "\n");
  if (p->reply_to_list) put_address(p, TO_BOTH, "Reply-To: <", ">\n");
}

/* ---- who wrote it, where others refuse what he writes unless it comes from him ---- */

/* Encoded words stand there as they are; all else is quoted, so that what the author calls himself is never an address. */
static void add_phrase(stralloc *to, struct field text)
{
  stralloc plain = STRALLOC_ZERO;
  bool const as_words = !utf8_is_ascii(text.s, text.len);
  encoded_word_add(&plain, text.s, text.len);
  if (!as_words) text_addc(to, '"');
  for (size_t i = 0; i < plain.len; i++) {
    if (!as_words && (plain.s[i] == '"' || plain.s[i] == '\\')) text_addc(to, '\\');
    text_addc(to, plain.s[i]);
  }
  if (!as_words) text_addc(to, '"');
  stralloc_free(&plain);
}

static void put_field(struct post *p, char const *name, struct field value)
{
  post_add(p, TO_QUEUE, name);
  post_put(p, TO_QUEUE, value.s, value.len);
  post_add(p, TO_QUEUE, "\n");
}

/* The author stands in Reply-To where he has not said himself where he wants answers; behind others in Cc where they go to the list. */
static void put_author(struct post *p, struct field from)
{
  struct field const said = list_header_value(&p->header, p->reply_to_list ? "cc" : "reply-to");
  stralloc both = STRALLOC_ZERO;
  if (!p->reply_to_list) put_field(p, "Reply-To: ", said.len ? said : from);
  else {
    if (said.len && !field_same(said, from)) text_addb(&both, said.s, said.len), text_add(&both, ",\n ");
    text_addb(&both, from.s, from.len);
    put_field(p, "Cc: ", (struct field){ both.s, both.len });
  }
  stralloc_free(&both);
}

static void put_rewritten_from(struct post *p, struct field from)
{
  stralloc name = STRALLOC_ZERO, text = STRALLOC_ZERO, phrase = STRALLOC_ZERO;
  struct list_tags tags = p->tags;
  author_shown(&name, from);
  tags.parameter[1] = (struct field){ text_z(&name), name.len };
  tags.parameter[2] = (struct field){ p->list.local.s, p->list.local.len };
  list_say(&text, &p->list, "AUTHOR_VIA_LIST", &tags);
  add_phrase(&phrase, (struct field){ text_z(&text), text.len });
  post_add(p, TO_QUEUE, "From: ");
  post_put(p, TO_QUEUE, phrase.s, phrase.len);
  put_address(p, TO_QUEUE, " <", ">\n");
  put_author(p, from);
  stralloc_free(&name);
  stralloc_free(&text);
  stralloc_free(&phrase);
}

/* ---- the subject ---- */

/* A prefix that is not ASCII is an encoded word; a blank stands behind it. */
static void put_prefix(struct post *p)
{
  stralloc prefix = STRALLOC_ZERO;
  encoded_word_add(&prefix, p->prefix.s, p->prefix.len);
  post_put(p, TO_QUEUE, prefix.s, prefix.len);
  stralloc_free(&prefix);
}

static void put_subject(struct post *p)
{
  struct field value;
  stralloc normal = STRALLOC_ZERO;
  bool has = mail_header_find(&value, &p->header, "subject") && header_choice_keeps(&p->choice, field_of("subject"));
  if (!has) value = (struct field){ "", 0 };
  unsigned what = subject_normal(&normal, value, (struct field){ p->prefix_pattern.s, p->prefix_pattern.len });
  stralloc_free(&normal);
  post_add(p, has ? TO_BOTH : TO_QUEUE, "Subject: ");
  if (!(what & SUBJECT_HAS_PREFIX)) {
    put_prefix(p);
    if (value.len) post_add(p, TO_QUEUE, " ");
  }
  post_put(p, has ? TO_BOTH : TO_QUEUE, value.s, value.len);
  post_add(p, has ? TO_BOTH : TO_QUEUE, "\n");
}

/* ---- the header as it came ---- */

enum known { OTHER, SUBJECT, RECEIVED, REPLY_TO, CC, LIST_ID, FROM, OF_MBOX };

static enum known known_field(struct field name)
{
  static struct { char const *name; enum known field; } const names[] = {
    { "subject", SUBJECT }, { "received", RECEIVED }, { "reply-to", REPLY_TO }, { "cc", CC }, { "list-id", LIST_ID }, { "from", FROM },
    { "mbox-line", OF_MBOX }
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (name.len == strlen(names[i].name) && !strncasecmp(name.s, names[i].name, name.len)) return names[i].field;
  return OTHER;
}

/* Where a field goes as it is; seen: how many of its kind came before. */
static unsigned destination(struct post const *p, enum known field, size_t seen)
{
  switch (field) {
    case OF_MBOX: return 0;
    case SUBJECT: return p->prefix.len ? 0 : TO_BOTH;
    case RECEIVED: return seen && !p->all_received ? TO_ARCHIVE : TO_BOTH;
    case REPLY_TO: return p->reply_to_list ? 0 : p->rewrite_from ? TO_ARCHIVE : TO_BOTH;
    case CC: return p->reply_to_list && p->rewrite_from ? TO_ARCHIVE : TO_BOTH;
    case LIST_ID: return p->list.listid.len && !is_sublist(p) ? 0 : TO_BOTH;
    case FROM: return p->rewrite_from ? TO_ARCHIVE : TO_BOTH;
    default: return TO_BOTH;
  }
}

static void put_fields(struct post *p)
{
  size_t seen[OF_MBOX + 1] = { 0 };
  for (size_t i = 0; i < mail_header_count(&p->header); i++) {
    struct mail_header_field const *f = mail_header_field(&p->header, i);
    struct field name = mail_header_name(&p->header, f);
    enum known field = known_field(name);
    if (!header_choice_keeps(&p->choice, name)) continue;
    unsigned where = destination(p, field, seen[field]++);
    if (where) post_put(p, (enum post_where)where, p->header.text.s + f->begin, f->end - f->begin);
    if (field == FROM && p->rewrite_from && seen[FROM] == 1) put_rewritten_from(p, mail_header_value(&p->header, f));
  }
}

void post_header(struct post *p)
{
  put_first_fields(p);
  put_fields(p);
  if (p->prefix.len) put_subject(p);
  post_add(p, TO_BOTH, "\n");
}
