#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "list_mail.h"
#include "list_sender.h"
#include "list_words.h"
#include "moderation.h"
#include "number.h"
#include "text.h"

enum { COMMENT_MAX = 65536, MARK_COLUMNS = 6 };

static char const *const places[MOD_PLACES] = {
  [MOD_PENDING] = "pending", [MOD_UNCONFIRMED] = "unconfirmed", [MOD_ACCEPTED] = "accepted", [MOD_REJECTED] = "rejected"
};

void moderation_path(char path[MOD_PATH_MAX], enum moderation_place place, char const *name)
{
  snprintf(path, MOD_PATH_MAX, *name ? "mod/%s/%s" : "mod/%s", places[place], name);
}

/* ---- addresses ---- */

/* Digits, a dot, digits; how many bytes. */
static size_t name_length(struct field f)
{
  uint64_t number;
  size_t time = number_scan(f.s, f.len, &number);
  if (!time || time >= f.len || f.s[time] != '.') return 0;
  size_t pid = number_scan(f.s + time + 1, f.len - time - 1, &number);
  return pid ? time + 1 + pid : 0;
}

bool moderation_read(struct moderation_action *a, struct field local, struct field rest)
{
  size_t len = name_length(rest), end;
  if (local.len <= rest.len || memcmp(local.s + local.len - rest.len, rest.s, rest.len) != 0) return false;
  end = local.len - rest.len - 1;
  if (local.s[end] != '-' || !len || len >= MOD_NAME_MAX || rest.len != len + 1 + COOKIE_LENGTH || rest.s[len] != '.') return false;
  char const *dash = memrchr(local.s, '-', end);
  size_t begin = dash ? (size_t)(dash - local.s) + 1 : 0;
  a->word = (struct field){ local.s + begin, end - begin };
  memcpy(a->name, rest.s, len);
  a->name[len] = 0;
  a->cookie = (struct field){ rest.s + len + 1, COOKIE_LENGTH };
  return true;
}

void moderation_cookie(char cookie[COOKIE_LENGTH], struct list const *l, char const *name)
{
  cookie_make(cookie, (struct field){ l->key.s, l->key.len }, field_of(name), field_of(""), 'a');
}

bool moderation_cookie_is(struct moderation_action const *a, struct list const *l)
{
  return cookie_is(a->cookie, (struct field){ l->key.s, l->key.len }, field_of(a->name), field_of(""), 'a');
}

/* ---- posts ---- */

void moderation_sender(stralloc *to, struct list const *l, int message)
{
  static char const begin[] = "Return-Path: <";
  char line[sizeof begin + LIST_ADDRESS_MAX * 3];
  ssize_t r = pread(message, line, sizeof line, 0);
  if (r == -1) list_die_system(l, "ERR_READ", "mod");
  char const *newline = memchr(line, '\n', (size_t)r);
  to->len = 0;
  if (!newline || (size_t)(newline - line) < sizeof begin || memcmp(line, begin, sizeof begin - 1) != 0 || newline[-1] != '>') return;
  list_sender_read(to, (struct field){ line + sizeof begin - 1, (size_t)(newline - line) - sizeof begin });
}

static void put_file(struct list const *l, struct enclosure const *what)
{
  char block[8192];
  ssize_t r;
  bool at_line = true;
  if (lseek(what->message, 0, SEEK_SET) == -1) list_die_system(l, "ERR_SEEK_INPUT", 0);
  while ((r = fd_read(what->message, block, sizeof block)) > 0) {
    size_t n = 0;
    for (; what->header_only && n < (size_t)r; n++) {
      if (at_line && block[n] == '\n') break;
      at_line = block[n] == '\n';
    }
    if (!what->header_only) n = (size_t)r;
    list_mail_put(block, n);
    if (n < (size_t)r) return;
  }
  if (r == -1) list_die_system(l, "ERR_READ_INPUT", 0);
}

static void put_text_fields(struct list const *l)
{
  list_mail_add("Content-Type: text/plain; charset=");
  list_mail_put(l->charset.s, l->charset.len);
  if (l->encoding) list_mail_add(l->encoding == 'B' ? "\nContent-Transfer-Encoding: base64" : "\nContent-Transfer-Encoding: quoted-printable");
  list_mail_add("\n\n");
  list_mail_encode(l->encoding);
}

static void put_boundary(char const *boundary, char const *end)
{
  list_mail_add("\n--");
  list_mail_add(boundary);
  list_mail_add(end);
}

void moderation_enclose(struct list const *l, char const *boundary, stralloc const *text, struct enclosure const *what)
{
  list_mail_add("MIME-Version: 1.0\n");
  if (!what->is_inline) {
    list_mail_add("Content-Type: multipart/mixed; boundary=");
    list_mail_add(boundary);
    list_mail_add("\n");
    put_boundary(boundary, "\n");
  }
  put_text_fields(l);
  list_mail_put(text->s, text->len);
  if (what->is_inline) list_mail_add("\n");
  else {
    list_mail_plain();
    put_boundary(boundary, "\nContent-Type: message/rfc822\n\n");
  }
  put_file(l, what);
  if (what->is_inline) list_mail_plain();
  else put_boundary(boundary, "--\n");
}

/* ---- back to its author ---- */

static void put_address_field(struct list const *l, char const *name, char const *end)
{
  list_mail_add(name);
  list_mail_put(l->local.s, l->local.len);
  list_mail_add(end);
  list_mail_put(l->host.s, l->host.len);
  list_mail_add("\n");
}

static void put_envelope(struct list const *l, stralloc const *to)
{
  stralloc from = STRALLOC_ZERO;
  text_addx(&from, &l->local);
  text_add(&from, "-return-@");
  text_addx(&from, &l->host);
  list_mail_sender((struct field){ from.s, from.len });
  list_mail_to((struct field){ to->s, to->len });
  stralloc_free(&from);
}

static void return_text(stralloc *to, struct list const *l, struct moderation_return const *how, stralloc const *sender)
{
  struct list_tags tags = { .table = ".", .target = { sender->s, sender->len } };
  list_text_needed(to, l, "top", &tags);
  list_text_needed(to, l, how->text, &tags);
  if (!how->comment.len) return;
  text_add(to, ">>>>> -------------------- >>>>>\n");
  text_addb(to, how->comment.s, how->comment.len);
  text_add(to, "<<<<< -------------------- <<<<<\n");
}

void moderation_return(struct list const *l, int message, struct moderation_return const *how)
{
  stralloc sender = STRALLOC_ZERO, text = STRALLOC_ZERO, subject = STRALLOC_ZERO;
  moderation_sender(&sender, l, message);
  if (!sender.len || list_sender_is_bounce((struct field){ sender.s, sender.len })) return;
  return_text(&text, l, how, &sender);
  list_say(&subject, l, "SUB_RETURNED_POST", 0);
  list_mail_open(l);
  char const *boundary = list_mail_begin(l, LIST_MAIL_NOTICE);
  put_address_field(l, "From: ", "-owner@");
  if (how->reply_to) list_mail_field(l, "Reply-To", field_of(how->reply_to));
  list_mail_address("To", (struct field){ sender.s, sender.len });
  list_mail_field(l, "Subject", (struct field){ subject.s, subject.len });
  moderation_enclose(l, boundary, &text, &(struct enclosure){ message, how->is_inline, false });
  put_envelope(l, &sender);
  list_mail_close();
  stralloc_free(&sender), stralloc_free(&text), stralloc_free(&subject);
}

/* ---- what a moderator says ---- */

/* Where in the line the mark stands, at the beginning or behind what shows that it is quoted; or its length. */
static size_t mark_at(struct field line)
{
  for (size_t i = 0; i < MARK_COLUMNS && i + 3 <= line.len; i++)
    if (!memcmp(line.s + i, "%%%", 3)) return i;
  return line.len;
}

static struct field line_of(struct field *rest)
{
  char const *newline = memchr(rest->s, '\n', rest->len);
  struct field line = { rest->s, newline ? (size_t)(newline - rest->s) : rest->len };
  rest->s += line.len + (newline != 0);
  rest->len -= line.len + (newline != 0);
  if (line.len && line.s[line.len - 1] == '\r') line.len--;
  return line;
}

void moderation_comment(stralloc *to, struct field body)
{
  struct field prefix = { "", 0 };
  size_t const begun = to->len;
  bool is_in = false;
  while (body.len && to->len - begun < COMMENT_MAX) {
    struct field line = line_of(&body);
    size_t at = mark_at(line);
    if (at < line.len && is_in) return;
    if (at < line.len) {
      is_in = true;
      prefix = (struct field){ line.s, at };
      continue;
    }
    if (!is_in) continue;
    size_t skip = line.len >= prefix.len && !memcmp(line.s, prefix.s, prefix.len) ? prefix.len : 0;
    text_addb(to, line.s + skip, line.len - skip);
    text_addc(to, '\n');
  }
  if (!body.len) to->len = begun;           /* the second mark is missing: nobody knows where the comment ends */
}

/* ---- what has been decided ---- */

static void sync_place(struct list const *l, enum moderation_place place)
{
  char path[MOD_PATH_MAX];
  moderation_path(path, place, "");
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1 || fsync(fd) == -1) list_die_system(l, "ERR_SYNC", path);
  fd_close(fd);
}

void moderation_decided(struct list const *l, enum moderation_place decision, char const *name)
{
  char path[MOD_PATH_MAX];
  moderation_path(path, decision, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd == -1) list_die_system(l, "ERR_CREATE", path);
  fd_close(fd);
  sync_place(l, decision);
  moderation_forget(l, MOD_PENDING, name);
}

void moderation_forget(struct list const *l, enum moderation_place place, char const *name)
{
  char path[MOD_PATH_MAX];
  moderation_path(path, place, name);
  if (unlink(path) == -1 && errno != ENOENT) list_die_system(l, "ERR_DELETE", path);
  sync_place(l, place);
}
