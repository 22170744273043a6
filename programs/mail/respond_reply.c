#include <string.h>
#include <strings.h>

#include "address.h"
#include "date.h"
#include "encoded_word.h"
#include "message_id.h"
#include "respond_judge.h"
#include "respond_reply.h"
#include "text.h"
#include "utf8.h"

enum {
  SUBJECT_MAX = 800,            /* bytes of a stranger's subject */
  ID_MAX = 900,                 /* of a Message-ID */
  REFERENCES_MAX = 20           /* the first and the last ones */
};

#define QUOTE_HEAD "\n---------- Original Message ----------\n"

static bool is_word(struct field f, char const *word)
{
  return f.len == strlen(word) && strncasecmp(f.s, word, f.len) == 0;
}

static void add_field(stralloc *to, struct field f)
{
  text_addb(to, f.s, f.len);
}

/* ---- message identifiers ---- */

static bool is_id_byte(char c)
{
  return c > ' ' && c < 127 && c != '<' && c != '>';
}

/* Cuts the next <...> off. */
static bool id_next(struct field *id, struct field *rest)
{
  while (rest->len) {
    size_t len = 1;
    if (*rest->s == '<')
      while (len < rest->len && is_id_byte(rest->s[len])) len++;
    bool whole = *rest->s == '<' && len > 1 && len < rest->len && rest->s[len] == '>' && len < ID_MAX;
    *id = (struct field){ rest->s, len + 1 };
    if (whole) len++;
    rest->s += len;
    rest->len -= len;
    if (whole) return true;
  }
  return false;
}

static size_t ids_count(struct field value)
{
  size_t count = 0;
  struct field id;
  while (id_next(&id, &value)) count++;
  return count;
}

static void add_ids(stralloc *to, struct field value)
{
  struct field id;
  size_t const count = ids_count(value);
  for (size_t i = 0; id_next(&id, &value); i++) {
    if (i && i + REFERENCES_MAX <= count) continue;
    text_add(to, "\n ");
    add_field(to, id);
  }
}

static struct field value_of(struct mail_header const *header, char const *name)
{
  struct field value;
  return mail_header_find(&value, header, name) ? value : (struct field){ "", 0 };
}

/* RFC 5322 3.6.4. */
static void add_thread(stralloc *to, struct mail_header const *original)
{
  struct field id, rest = value_of(original, "Message-ID"), before = value_of(original, "References");
  if (!id_next(&id, &rest)) return;
  if (!ids_count(before)) before = value_of(original, "In-Reply-To");
  text_add(to, "In-Reply-To: ");
  add_field(to, id);
  text_add(to, "\nReferences:");
  add_ids(to, before);
  text_add(to, "\n ");
  add_field(to, id);
  text_addc(to, '\n');
}

/* ---- the text's own fields ---- */

/* What the answer has of its own, and what would speak of somebody who does not get it. */
static char const *const ours[] = {
  "Date", "Message-ID", "Delivered-To", "Return-Path", "Auto-Submitted", "In-Reply-To", "References", "To", "Cc", "Bcc",
  "MBOX-Line", "Received", "Content-Length", 0
};
static char const *const with_address[] = { "From", "Sender", "Reply-To", 0 };

static bool is_one_of(struct field name, char const *const *names)
{
  for (; *names; names++)
    if (is_word(name, *names)) return true;
  return false;
}

/* "J\303\266rg <joe@example.net>": only the name before the address may be encoded, and within quotes it may not. */
static void add_person(stralloc *to, struct field value)
{
  char const *bracket = memrchr(value.s, '<', value.len);
  size_t len = bracket ? (size_t)(bracket - value.s) : 0;
  stralloc name = STRALLOC_ZERO;
  for (size_t i = 0; i < len; i++)
    if (value.s[i] != '"' && value.s[i] != '\\') text_addc(&name, value.s[i]);
  while (name.len && name.s[name.len - 1] == ' ') name.len--;
  bool ascii = true;
  for (size_t i = 0; i < value.len; i++) ascii &= (unsigned char)value.s[i] < 128;
  if (ascii || !bracket) add_field(to, value);
  else {
    encoded_word_add(to, name.s, name.len);
    text_addc(to, ' ');
    text_addb(to, bracket, value.len - len);
  }
  stralloc_free(&name);
}

static void add_text_field(stralloc *to, struct mail_header const *text, size_t i)
{
  struct mail_header_field const *f = mail_header_field(text, i);
  struct field name = mail_header_name(text, f), value = mail_header_value(text, f);
  if (is_one_of(name, ours)) return;
  add_field(to, name);
  text_add(to, ": ");
  if (is_one_of(name, with_address)) add_person(to, value);
  else encoded_word_add(to, value.s, value.len);
  text_addc(to, '\n');
}

/* ---- what kind of text ---- */

static bool text_is_utf8(struct field body)
{
  return utf8_is(body.s, body.len);
}

static void add_type(stralloc *to, struct respond_reply const *r)
{
  struct field unused;
  if (mail_header_find(&unused, r->text, "Content-Type")) return;
  if (!mail_header_find(&unused, r->text, "MIME-Version")) text_add(to, "MIME-Version: 1.0\n");
  text_add(to, "Content-Type: text/plain; charset=");
  text_add(to, text_is_utf8(r->body) ? "utf-8\n" : "iso-8859-1\n");
  if (!mail_header_find(&unused, r->text, "Content-Transfer-Encoding")) text_add(to, "Content-Transfer-Encoding: 8bit\n");
}

static bool says(struct field value, char const *words)
{
  size_t len = strlen(words);
  for (size_t i = 0; i + len <= value.len; i++)
    if (strncasecmp(value.s + i, words, len) == 0) return true;
  return false;
}

bool respond_reply_can_quote(struct mail_header const *text, struct field body)
{
  struct field type, encoding = value_of(text, "Content-Transfer-Encoding");
  if (encoding.len && !is_word(encoding, "8bit") && !is_word(encoding, "7bit")) return false;
  if (!mail_header_find(&type, text, "Content-Type")) return text_is_utf8(body);
  return says(type, "text/plain") && says(type, "utf-8");
}

/* ---- all of it ---- */

/* A part of it, if it is long. RFC 3834 3.1.5. */
static void add_subject(stralloc *to, struct mail_header const *original)
{
  struct field subject = value_of(original, "Subject");
  if (subject.len > SUBJECT_MAX) {
    subject.len = SUBJECT_MAX;
    while (subject.len && (subject.s[subject.len] & 0xC0) == 0x80) subject.len--;
  }
  text_add(to, "Subject: Auto: ");
  encoded_word_add(to, subject.s, subject.len);
  text_addc(to, '\n');
}

static void add_own(stralloc *to, struct respond_reply const *r)
{
  size_t at = address_at(r->from.s, r->from.len);
  text_add(to, "Delivered-To: " RESPOND_MARK "\nDate: ");
  if (!date_header(to, r->now)) die_nomem();
  text_add(to, "\nMessage-ID: ");
  if (!message_id(to, r->from.s + at + 1, r->from.len - at - 1, r->now)) die_nomem();
  text_add(to, "\nAuto-Submitted: auto-replied\nTo: ");
  if (!address_quote(to, r->to.s, r->to.len)) die_nomem();
  text_addc(to, '\n');
  add_thread(to, r->original);
}

static void add_missing(stralloc *to, struct respond_reply const *r)
{
  struct field unused;
  if (!mail_header_find(&unused, r->text, "From")) {
    text_add(to, "From: ");
    if (!address_quote(to, r->from.s, r->from.len)) die_nomem();
    text_addc(to, '\n');
  }
  if (!mail_header_find(&unused, r->text, "Subject")) add_subject(to, r->original);
  add_type(to, r);
}

static void add_quoted(stralloc *to, struct field quoted)
{
  text_add(to, QUOTE_HEAD);
  while (quoted.len) {
    char const *newline = memchr(quoted.s, '\n', quoted.len);
    size_t len = newline ? (size_t)(newline - quoted.s) : quoted.len;
    text_add(to, "> ");
    text_addb(to, quoted.s, len);
    text_addc(to, '\n');
    len += newline != 0;
    quoted.s += len;
    quoted.len -= len;
  }
}

void respond_reply_add(stralloc *to, struct respond_reply const *r)
{
  add_own(to, r);
  for (size_t i = 0; i < mail_header_count(r->text); i++) add_text_field(to, r->text, i);
  add_missing(to, r);
  text_addc(to, '\n');
  add_field(to, r->body);
  if (r->body.len && r->body.s[r->body.len - 1] != '\n') text_addc(to, '\n');
  if (r->quoted.len) add_quoted(to, r->quoted);
}
