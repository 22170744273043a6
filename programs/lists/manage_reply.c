#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "cookie.h"
#include "line_pieces.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_sender.h"
#include "list_unsubscribe.h"
#include "manage.h"
#include "number.h"
#include "text.h"

static char boundary[COOKIE_LENGTH + 1];

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

struct reply reply_about(struct manage const *m, char const *name, char const *subject, struct field to)
{
  struct reply r = { .name = name, .subject = subject, .to = to };
  r.tags.table = m->request.table;
  r.tags.target = all_of(&m->target);
  return r;
}

/* ---- fields ---- */

/* "<mailto:L-TABLE-help@H>" */
static void mailto_field(struct manage const *m, char const *name, char const *command)
{
  stralloc line = STRALLOC_ZERO;
  text_add(&line, name), text_add(&line, ": <mailto:");
  list_name(&line, &m->list, m->request.table);
  text_add(&line, command), text_add(&line, "@"), text_addx(&line, &m->list.host), text_add(&line, ">\n");
  list_mail_addx(&line);
  stralloc_free(&line);
}

/* With a page only for who is meant by it. */
static void unsubscribe_fields(struct manage const *m, struct field reader)
{
  stralloc page = STRALLOC_ZERO;
  if (reader.s && field_same(reader, all_of(&m->target))) list_unsubscribe_page(&page, &m->list, m->request.table, m->now, reader);
  list_unsubscribe_fields(&m->list, m->request.table, all_of(&m->target), &page);
  stralloc_free(&page);
}

/* L-TABLE-help@H, L-TABLE-return-@H */
static void own_address(stralloc *to, struct manage const *m, char const *command)
{
  list_name(to, &m->list, m->request.table);
  text_add(to, command), text_add(to, "@"), text_addx(to, &m->list.host);
}

static void people_fields(struct manage const *m, struct reply const *r)
{
  stralloc from = STRALLOC_ZERO;
  if (r->from_return) text_addx(&from, &m->list.local), text_add(&from, "-return-@"), text_addx(&from, &m->list.host);
  else own_address(&from, m, "-help");
  list_mail_address("From", all_of(&from));
  list_mail_address("To", r->to.s ? r->to : all_of(&m->target));
  list_mail_add("Delivered-To: responder for ");
  list_mail_addx(&m->list.local), list_mail_add("@"), list_mail_addx(&m->list.host), list_mail_add("\n");
  stralloc_free(&from);
}

/* Where it has been, so that a loop is seen; by which ways a moderator's mail came is nobody's business. */
static void copy_trace(struct manage const *m, struct reply const *r)
{
  struct mail_header const *h = &m->header;
  for (size_t i = 0; i < mail_header_count(h); i++) {
    struct mail_header_field const *f = mail_header_field(h, i);
    bool const wanted = list_header_is(h, f, "delivered-to") || (!r->by_moderator && list_header_is(h, f, "received"));
    if (wanted) list_mail_put(h->text.s + f->begin, f->end - f->begin);
  }
}

static void type_field(struct list const *l, char const *encoding)
{
  list_mail_add("Content-Type: text/plain; charset=");
  list_mail_addx(&l->charset);
  list_mail_add("\n");
  if (*encoding) list_mail_add("Content-Transfer-Encoding: "), list_mail_add(encoding), list_mail_add("\n");
}

static void mime_fields(struct list const *l)
{
  list_mail_add("MIME-Version: 1.0\n");
  if (!l->encoding) {
    type_field(l, "");
    return;
  }
  list_mail_add("Content-Type: multipart/mixed; boundary=");
  list_mail_add(boundary);
  list_mail_add("\n");
}

static void begin_part(char const *after)
{
  list_mail_add("\n--"), list_mail_add(boundary), list_mail_add(after);
}

static void begin_body(struct list const *l)
{
  list_mail_add("\n");
  if (!l->encoding) return;
  begin_part("\n");
  type_field(l, l->encoding == 'Q' ? "Quoted-Printable" : "base64");
  list_mail_add("\n");
  list_mail_encode(l->encoding);
}

static void subject_field(struct manage const *m, struct reply const *r)
{
  stralloc subject = STRALLOC_ZERO;
  struct list_tags tags = r->tags;
  if (r->parameter) tags.parameter[1] = field_of(r->parameter);
  list_say(&subject, &m->list, r->subject, &tags);
  list_mail_field(&m->list, "Subject", all_of(&subject));
  stralloc_free(&subject);
}

void reply_begin(struct manage *m, struct reply const *r)
{
  if (m->loud) strerr_warni("sending ", r->name);
  list_mail_open(&m->list);
  list_mail_contact(&m->list);
  mailto_field(m, "List-Help", "-help");
  mailto_field(m, "List-Post", "");
  mailto_field(m, "List-Subscribe", "-subscribe");
  strcpy(boundary, list_mail_date(&m->list, LIST_MAIL_REPLY));
  people_fields(m, r);
  copy_trace(m, r);
  mime_fields(&m->list);
  if (r->reply_to.s) list_mail_address("Reply-To", r->reply_to);
  if (r->welcome) unsubscribe_fields(m, r->to);
  subject_field(m, r);
  begin_body(&m->list);
  reply_text(m, r, "top");
}

/* ---- texts ---- */

void reply_text(struct manage const *m, struct reply const *r, char const *text)
{
  stralloc shown = STRALLOC_ZERO;
  list_text_needed(&shown, &m->list, text, &r->tags);
  list_mail_addx(&shown);
  stralloc_free(&shown);
}

static void copy_body_lines(struct manage *m)
{
  static struct line_pieces pieces;
  struct line_piece piece;
  stralloc setting = STRALLOC_ZERO;
  uint64_t lines = 0;
  int r;
  if (list_setting(&setting, &m->list, "copylines", 0)) number_scan(setting.s, setting.len, &lines);
  stralloc_free(&setting);
  if (!lines) return;
  list_mail_add("\n");
  line_pieces_begin(&pieces, &m->header.body_start, buffer_0);
  while (lines && (r = line_pieces_next(&pieces, &piece)) != 0) {
    if (r == -1) list_die_system(&m->list, "ERR_READ_INPUT", 0);
    list_mail_put(piece.s, piece.len);
    if (piece.ends) lines--;
  }
}

static void copy_request(struct manage *m)
{
  if (m->list.encoding) {
    list_mail_plain();
    begin_part("\nContent-Type: message/rfc822\nContent-Disposition: inline; filename=request.msg\n\n");
  }
  stralloc path = STRALLOC_ZERO;
  text_add(&path, "Return-Path: <");
  list_sender_written(&path, all_of(&m->sender));
  text_add(&path, ">\n");
  list_mail_addx(&path);
  stralloc_free(&path);
  list_mail_addx(&m->header.text);
  copy_body_lines(m);
}

static void suppress_request(struct manage const *m)
{
  stralloc suppressed = STRALLOC_ZERO;
  list_say(&suppressed, &m->list, "TXT_SUPPRESSED", 0);
  text_add(&suppressed, "\n");
  list_mail_addx(&suppressed);
  stralloc_free(&suppressed);
}

void reply_end(struct manage *m, struct reply const *r)
{
  stralloc sender = STRALLOC_ZERO;
  if (r->by_moderator) reply_text(m, r, "mod-sub");
  if (m->bottom) {
    reply_text(m, r, "bottom");
    if (r->by_moderator) suppress_request(m);
    else copy_request(m);
  }
  list_mail_plain();
  if (m->list.encoding) begin_part("--\n");
  own_address(&sender, m, "-return-");
  list_mail_sender(all_of(&sender));
  stralloc_free(&sender);
}

void reply_with(struct manage *m, struct reply const *r, char const *text)
{
  reply_begin(m, r);
  reply_text(m, r, text);
  reply_end(m, r);
  list_mail_to(r->to);
  list_mail_close();
}

void reply_to_owner(struct manage const *m)
{
  stralloc owner = STRALLOC_ZERO;
  text_addx(&owner, &m->list.local), text_add(&owner, "-owner@"), text_addx(&owner, &m->list.host);
  list_mail_to(all_of(&owner));
  stralloc_free(&owner);
}
