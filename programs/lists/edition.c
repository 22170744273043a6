#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>

#include "archive.h"
#include "edition.h"
#include "list_mail.h"
#include "mail_header.h"
#include "text.h"

#define DASHES_30 "------------------------------"
#define DASHES_70 DASHES_30 DASHES_30 "----------"

static char const default_fields[] = "from\0to\0subject\0reply-to\0date\0message-id\0cc\0mime-version\0content-type\0content-transfer-encoding";

static bool is_plain(struct edition const *e) { return e->format == 'r'; }
static bool is_whole(struct edition const *e) { return e->format == 'v' || e->format == 'n'; }
static bool is_encoded(struct edition const *e) { return e->list->encoding && !is_plain(e); }

void edition_begin(struct edition *e, struct list const *l, char format, struct list_tags const *tags)
{
  *e = (struct edition){ .list = l, .format = format, .boundary = "", .tags = *tags, .fields = { .keep = true } };
  if (!list_settings(&e->fields.names, l, "digheaders", tags) || !e->fields.names.len)
    text_setb(&e->fields.names, default_fields, sizeof default_fields);
}

/* ---- its frame ---- */

void edition_fields(struct edition *e, char const *boundary)
{
  e->boundary = boundary;
  list_mail_add("MIME-Version: 1.0\nContent-Type: ");
  list_mail_add(is_plain(e) ? "text/plain" : e->format == 'x' ? "multipart/mixed" : "multipart/digest");
  list_mail_add("; charset=");
  list_mail_addx(&e->list->charset);
  if (!is_plain(e)) list_mail_add(";\n\tboundary="), list_mail_add(e->boundary);
  list_mail_add("\n");
}

static void put_boundary(struct edition const *e, char const *behind)
{
  list_mail_add("\n--"), list_mail_add(e->boundary), list_mail_add(behind);
}

static void begin_text_part(struct edition const *e, char const *fields)
{
  put_boundary(e, "\nContent-Type: text/plain; charset=");
  list_mail_addx(&e->list->charset);
  list_mail_add("\n");
  list_mail_add(fields);
  if (e->list->encoding) list_mail_add(e->list->encoding == 'Q' ? "Content-Transfer-Encoding: Quoted-Printable\n" : "Content-Transfer-Encoding: base64\n");
  list_mail_add("\n");
  list_mail_encode(e->list->encoding);
}

static void begin_message_part(struct edition const *e, char const *name)
{
  put_boundary(e, "\nContent-Type: message/rfc822\nContent-Disposition: inline; filename=");
  list_mail_add(name);
  list_mail_add("\n\n");
}

void edition_text(struct edition const *e)
{
  if (!is_plain(e)) begin_text_part(e, "");
}

void edition_request(struct edition const *e)
{
  if (!is_encoded(e)) return;
  list_mail_plain();
  begin_message_part(e, "request.msg");
}

void edition_messages(struct edition const *e, bool with_request)
{
  if (!is_encoded(e)) list_mail_add("\n" DASHES_70 "\n");
  else if (!with_request) list_mail_plain();
  if (is_plain(e)) list_mail_add("\n");
}

static void put_plain_end(struct edition const *e)
{
  stralloc line = STRALLOC_ZERO;
  list_tags_fill(&line, field_of("End of <#L#> Digest"), e->list, 0);
  size_t const len = line.len;
  text_add(&line, "\n");
  for (size_t i = 0; i < len; i++) text_add(&line, "*");
  text_add(&line, "\n");
  list_mail_addx(&line);
  stralloc_free(&line);
}

void edition_end(struct edition const *e)
{
  if (is_plain(e)) put_plain_end(e);
  else put_boundary(e, "--\n");
}

/* ---- its text ---- */

void edition_say(struct edition const *e, char const *identifier, char const *one, char const *two)
{
  stralloc sentence = STRALLOC_ZERO;
  struct list_tags tags = e->tags;
  tags.parameter[1] = field_of(one ? one : "");
  tags.parameter[2] = field_of(two ? two : "");
  list_say(&sentence, e->list, identifier, &tags);
  text_add(&sentence, "\n");
  list_mail_addx(&sentence);
  stralloc_free(&sentence);
}

void edition_put_text(struct edition const *e, char const *name)
{
  stralloc text = STRALLOC_ZERO;
  list_text_needed(&text, e->list, name, &e->tags);
  list_mail_addx(&text);
  stralloc_free(&text);
}

static void put_topic_line(struct edition const *e, struct contents const *c, struct contents_entry const *entry)
{
  stralloc line = STRALLOC_ZERO;
  struct list_tags tags = e->tags;
  tags.parameter[1] = contents_author(c, entry);
  text_add(&line, "\t"), text_addu(&line, entry->number), text_add(&line, " ");
  list_say(&line, e->list, "TXT_BY", &tags);
  text_add(&line, "\n");
  list_mail_addx(&line);
  stralloc_free(&line);
}

/* All of one subject, from the first one that has not been shown on. */
static void put_topic(struct edition const *e, struct contents *c, size_t first)
{
  struct contents_entry const *const head = contents_entry(c, first);
  struct field const subject = contents_subject(c, head);
  list_mail_put(subject.s, subject.len), list_mail_add("\n");
  for (size_t i = first; i < contents_count(c); i++) {
    struct contents_entry *entry = contents_entry(c, i);
    if (entry->shown || memcmp(entry->hash, head->hash, sizeof entry->hash) != 0) continue;
    entry->shown = true;
    put_topic_line(e, c, entry);
  }
  list_mail_add("\n");
}

void edition_topics(struct edition const *e, struct contents *c, uint64_t from, uint64_t to)
{
  char first[24], last[24];
  if (e->format == 'n') return;
  snprintf(first, sizeof first, "%llu", (unsigned long long)from);
  snprintf(last, sizeof last, "%llu", (unsigned long long)to);
  if (from) edition_say(e, "TXT_TOP_TOPICS", first, last), list_mail_add("\n");
  if (!contents_count(c)) edition_say(e, "TXT_NOINDEX", 0, 0), list_mail_add("\n");
  for (size_t i = 0; i < contents_count(c); i++)
    if (!contents_entry(c, i)->shown) put_topic(e, c, i);
}

/* ---- messages ---- */

/* -1: it is not there, or not complete. What cannot be opened just now is not taken for missing. */
static int open_message(struct edition const *e, uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  struct stat st;
  archive_post(path, number);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd == -1 && errno == ENOENT) return -1;
  if (fd == -1 || fstat(fd, &st) == -1) list_die_system(e->list, "ERR_OPEN", path);
  if (S_ISREG(st.st_mode) && st.st_mode & S_IXUSR) return fd;
  fd_close(fd);
  return -1;
}

/* L_17.eml */
static char const *file_name(struct edition const *e, uint64_t number, char const *type)
{
  static stralloc name = STRALLOC_ZERO;
  name.len = 0;
  text_add(&name, "\"");
  list_name(&name, e->list, 0);
  text_add(&name, "_"), text_addu(&name, number), text_add(&name, type), text_add(&name, "\"");
  return text_z(&name);
}

static void put_missing(struct edition const *e, uint64_t number)
{
  stralloc fields = STRALLOC_ZERO;
  char line[48];
  snprintf(line, sizeof line, "== %llu ==\n\n", (unsigned long long)number);
  text_add(&fields, "Content-Disposition: inline; filename="), text_add(&fields, file_name(e, number, ".txt")), text_add(&fields, "\n");
  if (!is_plain(e)) begin_text_part(e, text_z(&fields));
  list_mail_add(line);
  edition_put_text(e, "get-bad");
  if (is_plain(e)) list_mail_add("\n" DASHES_30 "\n\n");
  else list_mail_plain();
  stralloc_free(&fields);
}

static void put_field(struct mail_header const *h, struct mail_header_field const *f)
{
  list_mail_put(h->text.s + f->begin, f->end - f->begin);
}

/* The fields that RFC 1153 has, in its order. */
static void put_plain_fields(struct mail_header const *h)
{
  static char const *const names[] = { "Date", "To", "From", "Cc", "Subject", "Message-ID", "Keywords" };
  for (size_t n = 0; n < sizeof names / sizeof *names; n++)
    for (size_t i = 0; i < mail_header_count(h); i++) {
      struct field const name = mail_header_name(h, mail_header_field(h, i));
      if (name.len == strlen(names[n]) && !strncasecmp(name.s, names[n], name.len)) put_field(h, mail_header_field(h, i));
    }
}

static void put_header(struct edition const *e, struct mail_header const *h)
{
  if (is_plain(e)) put_plain_fields(h);
  else for (size_t i = 0; i < mail_header_count(h); i++)
    if (is_whole(e) || header_choice_keeps(&e->fields, mail_header_name(h, mail_header_field(h, i)))) put_field(h, mail_header_field(h, i));
  list_mail_add("\n");
  list_mail_addx(&h->body_start);
}

static void put_rest(struct edition const *e, buffer *in)
{
  char piece[8192];
  ssize_t r;
  while ((r = buffer_get(in, piece, sizeof piece))) {
    if (r == -1) list_die_system(e->list, "ERR_READ", "archive");
    list_mail_put(piece, (size_t)r);
  }
}

/* False for one that is not there, is not complete, or whose header is too long for a message. */
static bool begin_reading(struct edition const *e, struct mail_header *h, buffer *in, int fd)
{
  h->text.len = h->body_start.len = 0;
  h->has_body = false;
  genalloc_setlen(struct mail_header_field, &h->fields, 0);
  enum mail_header_result const r = fd == -1 ? MAIL_HEADER_TOO_LONG : mail_header_read(h, in);
  if (r == MAIL_HEADER_UNREADABLE) list_die_system(e->list, "ERR_READ", "archive");
  return r == MAIL_HEADER_OK;
}

void edition_message(struct edition *e, uint64_t number)
{
  static struct mail_header h = MAIL_HEADER_ZERO;
  static char space[8192];
  buffer in;
  int fd = open_message(e, number);
  buffer_init(&in, buffer_read, fd, space, sizeof space);
  if (!begin_reading(e, &h, &in, fd)) put_missing(e, number);
  else {
    if (!is_plain(e)) begin_message_part(e, file_name(e, number, ".eml"));
    put_header(e, &h);
    put_rest(e, &in);
    if (is_plain(e)) list_mail_add("\n" DASHES_30 "\n\n");
  }
  if (fd != -1) fd_close(fd);
}
