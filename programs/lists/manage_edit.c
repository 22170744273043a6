#include <string.h>
#include <strings.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "base64.h"
#include "cookie.h"
#include "edited_text.h"
#include "list_file.h"
#include "list_mail.h"
#include "manage_edit.h"
#include "manage_show.h"
#include "quoted_printable.h"
#include "replace.h"
#include "text.h"

enum { BODY_MAX = 1 << 18, BLOCK = 8192 };       /* bytes of a reply: a text of the largest size, encoded, and what is written around it */

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

/* "text/sub-ok" */
static void path_of(stralloc *path, struct manage const *m, struct field file)
{
  text_add(path, "text/");
  if (!manage_request_file(path, file)) list_die(LIST_REFUSED, &m->list, "ERR_BAD_NAME", 0, 0);
  text_z(path);
}

/* Of the list's own texts. */
static void read_text(stralloc *text, struct manage const *m, char const *path)
{
  int const r = list_file_read(text, path, LIST_FILE_MAX);
  if (r == -1) list_die_system(&m->list, "ERR_READ", path);
  if (r == 0) list_die_missing(&m->list, path);
}

/* What the cookie is bound to, so that who edits an old text does not undo what somebody else has done since. */
static void add_bound(stralloc *to, stralloc const *text, char const *path)
{
  text_addx(to, text);
  for (size_t i = 0; i < to->len; i++)
    if (!to->s[i]) to->s[i] = '_';
  text_add(to, path);
}

/* ---- to the administrator ---- */

static void add_mark(stralloc *to, struct manage const *m, char const *identifier)
{
  text_add(to, "%%% ");
  list_say(to, &m->list, identifier, 0);
  text_add(to, "\n");
}

/* "L-ed.TIME.FILE.COOKIE@H" */
static void add_edit_address(stralloc *to, struct manage const *m, struct field file, stralloc const *bound)
{
  char cookie[COOKIE_LENGTH], digits[UINT64_FMT];
  struct field const date = { digits, uint64_fmt(digits, m->now) };
  cookie_make(cookie, all_of(&m->list.key), date, all_of(bound), '-');
  text_addx(to, &m->list.local), text_add(to, "-ed.");
  text_addb(to, date.s, date.len), text_add(to, ".");
  text_addb(to, file.s, file.len), text_add(to, ".");
  text_addb(to, cookie, sizeof cookie);
  text_add(to, "@"), text_addx(to, &m->list.host);
}

static void put_marked(struct manage const *m, stralloc const *text)
{
  stralloc all = STRALLOC_ZERO;
  add_mark(&all, m, "TXT_EDIT_START");
  text_addx(&all, text);
  if (text->len && text->s[text->len - 1] != '\n') text_add(&all, "\n");
  add_mark(&all, m, "TXT_EDIT_END");
  list_mail_addx(&all);
  stralloc_free(&all);
}

static void send_text(struct manage *m)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO, bound = STRALLOC_ZERO, address = STRALLOC_ZERO, name = STRALLOC_ZERO;
  path_of(&path, m, m->request.argument);
  read_text(&text, m, path.s);
  if (text.len > EDITED_TEXT_MAX) list_die(LIST_REFUSED, &m->list, "ERR_EDSIZE", 0, 0);
  add_bound(&bound, &text, path.s);
  add_edit_address(&address, m, m->request.argument, &bound);
  text_add(&name, "edit "), text_add(&name, path.s + strlen("text/"));
  struct reply r = reply_about(m, text_z(&name), "SUB_EDIT_REQUEST", all_of(&m->target));
  r.parameter = path.s + strlen("text/");
  r.reply_to = r.tags.confirm = all_of(&address);
  reply_begin(m, &r);
  reply_text(m, &r, "edit-do");
  put_marked(m, &text);
  reply_end(m, &r);
  list_mail_to(r.to);
  list_mail_close();
  stralloc_free(&path), stralloc_free(&text), stralloc_free(&bound), stralloc_free(&address), stralloc_free(&name);
}

void manage_edit(struct manage *m)
{
  manage_moderator_needed(m, m->edits && m->has_remote);
  if (m->request.argument.len) {
    send_text(m);
    return;
  }
  struct reply const r = reply_about(m, "edit-list", "SUB_EDIT_LIST", all_of(&m->target));
  reply_with(m, &r, "edit-list");
}

/* ---- from him ---- */

static void read_body(stralloc *body, struct manage const *m)
{
  ssize_t r;
  text_addx(body, &m->header.body_start);
  do {
    text_room(body, BLOCK);
    r = buffer_get(buffer_0, body->s + body->len, BLOCK);
    if (r == -1) list_die_system(&m->list, "ERR_READ_INPUT", 0);
    body->len += (size_t)r;
    if (body->len > BODY_MAX) list_die(LIST_REFUSED, &m->list, "ERR_EDSIZE", 0, 0);
  } while (r);
}

/* What is no base64 to its end, or has something behind it, is taken as far as it goes. */
static void decode_base64(stralloc *body)
{
  size_t kept = 0, len;
  for (size_t i = 0; i < body->len; i++)
    if (!strchr(" \t\r\n", body->s[i])) body->s[kept++] = body->s[i];
  kept -= kept % 4;
  body->len = kept && base64_decode(body->s, kept, &len) ? len : 0;
}

static void decode(stralloc *body, struct manage const *m)
{
  struct field encoding;
  if (!mail_header_find(&encoding, &m->header, "content-transfer-encoding")) return;
  if (encoding.len == 6 && !strncasecmp(encoding.s, "base64", 6)) decode_base64(body);
  if (encoding.len == 16 && !strncasecmp(encoding.s, "quoted-printable", 16))
    body->len = quoted_printable_decode(body->s, body->len);
}

static void read_new_text(stralloc *to, struct manage const *m)
{
  stralloc body = STRALLOC_ZERO, start = STRALLOC_ZERO, end = STRALLOC_ZERO;
  list_say(&start, &m->list, "TXT_EDIT_START", 0);
  list_say(&end, &m->list, "TXT_EDIT_END", 0);
  read_body(&body, m);
  decode(&body, m);
  enum edited_text const r = edited_text_read(to, all_of(&body), &(struct edited_marks){ all_of(&start), all_of(&end) });
  if (r == EDITED_TEXT_NO_MARK) list_die(LIST_REFUSED, &m->list, "ERR_NO_MARK", 0, 0);
  if (r == EDITED_TEXT_TOO_LONG) list_die(LIST_REFUSED, &m->list, "ERR_EDSIZE", 0, 0);
  stralloc_free(&body), stralloc_free(&start), stralloc_free(&end);
}

/* Of the text as it is now, under the lock. */
static void cookie_needed(struct manage const *m, char const *path)
{
  stralloc text = STRALLOC_ZERO, bound = STRALLOC_ZERO;
  struct dated_cookie const *c = &m->request.cookie;
  read_text(&text, m, path);
  add_bound(&bound, &text, path);
  if (!cookie_fresh(c, m->now, COOKIE_EDIT_LIFE) || !cookie_is(c->cookie, all_of(&m->list.key), c->date, all_of(&bound), '-'))
    list_die(LIST_REFUSED, &m->list, "ERR_MOD_COOKIE", 0, 0);
  stralloc_free(&text), stralloc_free(&bound);
}

static void tell_done(struct manage *m, char const *path)
{
  struct reply r = reply_about(m, "edit-done", "SUB_EDIT_SUCCESS", all_of(&m->sender));
  r.parameter = path + strlen("text/");
  reply_with(m, &r, "edit-done");
}

/* The new text is on disk aside, then the mail is queued that says so, then it gets its name: whatever fails before that, the address
   for it is still valid, and the reply comes again. */
static void replace_text(struct manage *m, char const *path, stralloc const *text)
{
  stralloc aside = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  text_add(&aside, path), text_add(&aside, "_");
  if (!replace_begin(&r, path, text_z(&aside), 0600) || !replace_write(&r, text->s, text->len) || !replace_settle(&r)) replace_die(&r);
  tell_done(m, path);
  if (!replace_name(&r)) replace_die(&r);
  stralloc_free(&aside);
}

void manage_edited(struct manage *m)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  if (!m->edits || !m->has_remote) list_die(LIST_REFUSED, &m->list, "ERR_NOT_AVAILABLE", 0, 0);
  if (!m->request.dated) list_die(LIST_REFUSED, &m->list, "ERR_MOD_COOKIE", 0, 0);
  path_of(&path, m, m->request.argument);
  int const lock = list_lock("lock");
  cookie_needed(m, path.s);
  read_new_text(&text, m);
  replace_text(m, path.s, &text);
  fd_close(lock);
  stralloc_free(&path), stralloc_free(&text);
}
