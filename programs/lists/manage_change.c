#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "address.h"
#include "answer_limit.h"
#include "confirm_limit.h"
#include "cookie.h"
#include "list_environment.h"
#include "list_mail.h"
#include "manage_change.h"
#include "manage_from.h"
#include "subscribers.h"
#include "subscribers_records.h"
#include "text.h"

enum { OWN_HASH = -1 };
static struct subscribers_range const all_files = { 0, SUBSCRIBERS_HASHES - 1 };

/* What stands for the one and for the other change. */
struct change {
  bool (*make)(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced);
  char const *done, *done_subject, *undone, *undone_subject;
  char const *note, *undone_note;                             /* for who gets no mail */
  char const *by_user, *by_user_subject, *bad;                /* questions */
  char const *by_moderator, *by_moderator_subject;
  char remote;                                                /* the letter that an administrator's question has */
};
static struct change const subscribing = {
  subscribers_add, "sub-ok", "SUB_WELCOME", "sub-nop", "SUB_SUBSCRIBE_NOP", "ERR_EXTRA_SUB", "ERR_SUB_NOP",
  "sub-confirm", "SUB_USR_SUBSCRIBE", "sub-bad", "mod-sub-confirm", "SUB_MOD_SUBSCRIBE", 'r'
};
static struct change const unsubscribing = {
  subscribers_remove, "unsub-ok", "SUB_GOODBYE", "unsub-nop", "SUB_UNSUBSCRIBE_NOP", "ERR_EXTRA_UNSUB", "ERR_UNSUB_NOP",
  "unsub-confirm", "SUB_USR_UNSUBSCRIBE", "unsub-bad", "mod-unsub-confirm", "SUB_MOD_UNSUBSCRIBE", 'w'
};

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

static bool is_quiet(struct manage const *m)
{
  return !strcmp(m->request.table, "allow") || !strcmp(m->request.table, "deny");
}

static bool is_self(struct manage const *m)
{
  return m->is_moderator && subscribers_same(all_of(&m->sender), all_of(&m->target));
}

/* "@host" in a table stands for everybody there: that is nothing for users to ask for. */
static bool stands_for_others(struct manage const *m)
{
  bool const by_administrator = (m->is_moderator && m->has_remote) || (m->request.word == WORD_CONFIRM && strchr("rw", m->request.letter));
  return m->target.len && *m->target.s == '@' && !by_administrator;
}

void manage_target_needed(struct manage const *m)
{
  bool can = subscribers_is_address(all_of(&m->target)) && !stands_for_others(m);
  for (size_t i = 0; i < m->target.len; i++) can = can && (unsigned char)m->target.s[i] > ' ' && m->target.s[i] != 127;
  if (!can) list_die(LIST_REFUSED, &m->list, "ERR_BAD_ADDRESS", 0, 0);
}

static bool is_in_table(struct manage const *m)
{
  stralloc found = STRALLOC_ZERO;
  struct subscribers *s = subscribers_open(&m->list, m->request.table, 0);
  bool const is = subscribers_have(s, all_of(&m->target), &found) && (*found.s != '@' || *m->target.s == '@');
  subscribers_close(s);
  stralloc_free(&found);
  return is;
}

/* ---- questions ---- */

/* L-TABLE-sc.TIME.COOKIE-user=host@H */
static void add_confirm_address(stralloc *to, struct manage const *m, struct list_tags const *tags)
{
  size_t const at = address_at(m->target.s, m->target.len);
  list_name(to, &m->list, m->request.table);
  text_add(to, "-");
  text_addb(to, tags->action.s, tags->action.len);
  text_addb(to, tags->time.s, tags->time.len), text_add(to, ".");
  text_addb(to, tags->cookie.s, tags->cookie.len), text_add(to, "-");
  text_addb(to, m->target.s, at), text_add(to, "=");
  text_addb(to, m->target.s + at + 1, m->target.len - at - 1);
  text_add(to, "@"), text_addx(to, &m->list.host);
}

static void make_cookie(struct manage const *m, struct list_tags *tags, char letter)
{
  static char action[4], cookie[COOKIE_LENGTH], digits[UINT64_FMT];
  memcpy(action, (char[]){ letter, 'c', '.' }, 3);
  tags->action = (struct field){ action, 3 };
  tags->time = (struct field){ digits, uint64_fmt(digits, m->now) };
  cookie_make(cookie, cookie_key(all_of(&m->list.key), m->request.table), tags->time, all_of(&m->target), letter);
  tags->cookie = (struct field){ cookie, COOKIE_LENGTH };
}

static void to_moderator(void *to, struct field address)
{
  (void)to;
  list_mail_to(address);
}

/* All of them; a list that has none has an owner. */
static void to_moderators(struct manage const *m)
{
  struct subscribers *s = subscribers_open(&m->list, m->moderators.s, 0);
  if (!subscribers_each(s, all_files, to_moderator, 0)) reply_to_owner(m);
  subscribers_close(s);
}

struct question { char letter; char const *text, *subject; struct field to; };

static void send_question(struct manage *m, struct question const *q)
{
  stralloc confirm = STRALLOC_ZERO;
  struct reply r = reply_about(m, q->text, q->subject, all_of(&m->target));
  make_cookie(m, &r.tags, q->letter);
  add_confirm_address(&confirm, m, &r.tags);
  r.reply_to = r.tags.confirm = all_of(&confirm);
  reply_begin(m, &r);
  reply_text(m, &r, q->text);
  reply_end(m, &r);
  if (q->to.s) list_mail_to(q->to);
  else to_moderators(m);
  list_mail_close();
  stralloc_free(&confirm);
}

/* The lock is held until the question is noted, so that two requests at once are one question. */
static void ask(struct manage *m, struct question const *q)
{
  struct confirm_question const limited = { m->request.table, q->text, all_of(&m->target) };
  int const lock = list_lock("lock");
  enum confirm_limit const may = confirm_limit_look(&limited, m->now);
  if (may == CONFIRM_BUSY) list_die(LIST_TROUBLE, &m->list, "ERR_CONFIRM_BUSY", 0, 0);
  if (may == CONFIRM_ASKED) list_inform(&m->list, "ERR_CONFIRM_ASKED", 0);
  else {
    if (q->letter == 't' && m->logs_from && m->from.len) manage_from_add(m->now, all_of(&m->target), all_of(&m->from));
    send_question(m, q);
    confirm_limit_note(&limited, m->now, true);
  }
  fd_close(lock);
}

static void ask_user(struct manage *m, struct change const *c, char letter, char const *text)
{
  ask(m, &(struct question){ letter, text, c->by_user_subject, all_of(&m->target) });
}

static void ask_moderators(struct manage *m, struct change const *c, char letter)
{
  ask(m, &(struct question){ letter, c->by_moderator, c->by_moderator_subject, { 0, 0 } });
}

static void ask_sender(struct manage *m, struct change const *c)
{
  ask(m, &(struct question){ c->remote, c->by_moderator, c->by_moderator_subject, all_of(&m->sender) });
}

/* ---- changes ---- */

/* Who has agreed may be asked again. */
static void forget_questions(struct manage const *m, struct change const *c)
{
  char const *const texts[] = { c->by_user, c->by_moderator, c->bad };
  int const lock = list_lock("lock");
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    confirm_limit_note(&(struct confirm_question){ m->request.table, texts[i], all_of(&m->target) }, m->now, false);
  fd_close(lock);
}

static void tell(struct manage *m, char const *text, char const *subject, struct field to, bool by_moderator, bool owner)
{
  struct reply r = reply_about(m, text, subject, to);
  r.by_moderator = by_moderator;
  r.welcome = !strcmp(text, "sub-ok");
  reply_begin(m, &r);
  reply_text(m, &r, text);
  reply_end(m, &r);
  if (to.s) list_mail_to(to);
  if (owner) reply_to_owner(m);
  list_mail_close();
}

/* It was so already. */
static void tell_undone(struct manage *m, struct change const *c, struct field to)
{
  struct answer const answer = { .address = to, .request = field_of(list_default(&m->list)) };
  if (is_quiet(m)) list_inform(&m->list, c->undone_note, 0);
  else if (answer_limit_may(&m->list, &answer)) {
    tell(m, c->undone, c->undone_subject, to, false, c == &unsubscribing && m->owner);
    answer_limit_done();
  }
}

static void tell_done(struct manage *m, struct change const *c, bool by_moderator, bool at_once)
{
  bool const to_target = m->notifies || !(by_moderator || at_once);
  if (is_quiet(m)) list_inform(&m->list, c->note, m->request.table);
  else if (to_target || m->owner > 1)
    tell(m, c->done, c->done_subject, to_target ? all_of(&m->target) : (struct field){ 0, 0 }, by_moderator, m->owner > 1);
}

static bool make(struct manage *m, struct change const *c, char const *tag, struct field comment)
{
  struct subscribers *s = subscribers_open(&m->list, m->request.table, 0);
  bool const made = c->make(s, all_of(&m->target), &(struct subscribers_event){ tag, comment }, OWN_HASH);
  subscribers_close(s);
  forget_questions(m, c);
  return made;
}

static struct field own_comment(struct manage const *m, struct change const *c)
{
  return c == &subscribing && m->logs_from ? all_of(&m->from) : (struct field){ 0, 0 };
}

/* Where nobody is asked, a stranger can have both done in turn: it is the next time that waits, as its mail must. */
static void change_by_user(struct manage *m, struct change const *c, bool at_once)
{
  if (at_once && !is_quiet(m)) answer_limit_wait(&m->list, &(struct answer){ .address = all_of(&m->target) });
  if (make(m, c, c == &subscribing ? "+" : "-", own_comment(m, c))) {
    tell_done(m, c, false, at_once);
    answer_limit_done();
  } else tell_undone(m, c, all_of(&m->target));
}

/* ---- what is asked by address ---- */

static void deny_needs_an_administrator(struct manage const *m)
{
  if (!strcmp(m->request.table, "deny") && !(m->is_moderator && m->has_remote))
    list_die(LIST_REFUSED, &m->list, "ERR_NOT_ALLOWED", 0, 0);
}

void manage_subscribe(struct manage *m)
{
  manage_target_needed(m);
  deny_needs_an_administrator(m);
  if (is_in_table(m)) tell_undone(m, &subscribing, all_of(&m->target));
  else if (m->is_moderator && m->has_remote) ask_sender(m, &subscribing);
  else if (m->sub_confirmed) ask_user(m, &subscribing, 's', subscribing.by_user);
  else if (m->has_modsub) ask_moderators(m, &subscribing, 't');
  else change_by_user(m, &subscribing, true);
}

void manage_unsubscribe(struct manage *m)
{
  manage_target_needed(m);
  deny_needs_an_administrator(m);
  if (!is_in_table(m)) tell_undone(m, &unsubscribing, all_of(&m->target));
  else if (m->unsub_confirmed && m->is_moderator && m->has_remote) ask_sender(m, &unsubscribing);
  else if (m->unsub_confirmed) ask_user(m, &unsubscribing, 'u', unsubscribing.by_user);
  else if (m->unsub_moderated && m->has_modsub) ask_moderators(m, &unsubscribing, 'v');
  else change_by_user(m, &unsubscribing, true);
}

/* ---- what is confirmed ---- */

static bool cookie_holds(struct manage const *m)
{
  struct dated_cookie const *c = &m->request.cookie;
  return m->request.dated && m->request.target.s && cookie_fresh(c, m->now, COOKIE_LIFE) &&
    cookie_is(c->cookie, cookie_key(all_of(&m->list.key), m->request.table), c->date, all_of(&m->target), m->request.letter);
}

/* A user whose address was cut, or is too old, gets another one, and so does an administrator. */
static void ask_again(struct manage *m, struct change const *c)
{
  char const letter = m->request.letter;
  if (letter == 's' || letter == 'u') ask_user(m, c, letter, c->bad);
  else if (m->is_moderator && m->has_remote) ask_sender(m, c);
  else list_die(LIST_REFUSED, &m->list, "ERR_MOD_COOKIE", 0, 0);
}

/* Nobody is asked whether he wants to be denied, or no more, so no answer of his counts. */
static void deny_asks_no_user(struct manage const *m)
{
  if (!strcmp(m->request.table, "deny") && strchr("su", m->request.letter)) list_die(LIST_REFUSED, &m->list, "ERR_NOT_ALLOWED", 0, 0);
}

/* A second moderator, or the same once more, is no news to anybody. */
static void change_by_moderator(struct manage *m, struct change const *c, char const *tag, struct field comment)
{
  if (make(m, c, tag, comment)) tell_done(m, c, true, false);
  else if (c == &subscribing || m->has_modsub) list_inform(&m->list, c->undone_note, 0);
  else tell_undone(m, c, all_of(&m->sender));
}

static void confirm_by_user(struct manage *m, struct change const *c)
{
  bool const moderated = m->has_modsub && (c == &subscribing || m->unsub_moderated) && !is_self(m);
  if (moderated) ask_moderators(m, c, c == &subscribing ? 't' : 'v');
  else change_by_user(m, c, false);
}

void manage_confirm(struct manage *m)
{
  stralloc comment = STRALLOC_ZERO;
  struct field const none = { 0, 0 };
  char const letter = m->request.letter;
  struct change const *c = strchr("str", letter) ? &subscribing : &unsubscribing;
  manage_target_needed(m);
  deny_asks_no_user(m);
  if (!cookie_holds(m)) {
    ask_again(m, c);
    return;
  }
  switch (letter) {
  case 's': case 'u': confirm_by_user(m, c); break;
  case 't':
    manage_from_look(&comment, m->request.cookie.when, all_of(&m->target));
    change_by_moderator(m, c, "+", all_of(&comment));
    break;
  case 'v': change_by_moderator(m, c, "-", none); break;
  case 'r': change_by_moderator(m, c, "+mod", none); break;
  case 'w': change_by_moderator(m, c, "-mod", none); break;
  }
  stralloc_free(&comment);
}
