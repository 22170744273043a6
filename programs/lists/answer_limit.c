#include <errno.h>
#include <string.h>
#include <time.h>

#include <skalibs/djbunix.h>

#include "answer_limit.h"
#include "list_environment.h"
#include "list_file.h"
#include "list_lines.h"
#include "list_words.h"
#include "number.h"
#include "replace.h"
#include "surf.h"
#include "text.h"

static char const file[] = "answers", aside[] = "answers.new", lock_file[] = "lockanswers";

/* ---- how much may be ---- */

void answer_bounds_read(struct answer_bounds *b, struct field text)
{
  *b = (struct answer_bounds){ ANSWERS_TO_ONE, ANSWERS_A_MINUTE };
  uint64_t number;
  size_t const digits = number_scan(text.s, text.len, &number);
  if (digits) b->one = number;
  if (digits < text.len && text.s[digits] == ':' && number_scan(text.s + digits + 1, text.len - digits - 1, &number)) b->all = number;
  /* Else the file would become too long to be read. */
  if ((b->one && !b->all) || b->all > ANSWERS_A_MINUTE_MAX) b->all = ANSWERS_A_MINUTE_MAX;
}

uint64_t answer_weight(struct answer const *a)
{
  return a->posts > ANSWER_POSTS ? (a->posts + ANSWER_POSTS - 1) / ANSWER_POSTS : 1;
}

/* ---- lines ---- */

struct hashes { char address[SURF_LETTERS], request[SURF_LETTERS]; };

/* surf_loose passes over the case of an address, as tables do. */
static void hash_of(struct hashes *h, struct answer const *a)
{
  stralloc all = STRALLOC_ZERO;
  text_addb(&all, a->address.s, a->address.len);
  surf_loose(h->address, all.s, all.len);
  text_end(&all);
  text_addb(&all, a->request.s, a->request.len);
  surf_loose(h->request, all.s, all.len);
  stralloc_free(&all);
}

struct line { uint64_t when, weight; struct hashes const *of; };

/* What is in the future was written before the clock was set right, and would stay. */
static bool read_line(struct line *l, struct field text, uint64_t now)
{
  size_t const time = number_scan(text.s, text.len, &l->when);
  if (!time || time >= text.len || text.s[time] != ' ') return false;
  size_t const weight = number_scan(text.s + time + 1, text.len - time - 1, &l->weight), at = time + 1 + weight;
  if (!weight || text.len != at + 1 + sizeof *l->of || text.s[at] != ' ') return false;
  l->of = (struct hashes const *)(text.s + at + 1);
  return l->when <= now && now - l->when < ANSWER_SPAN;
}

enum answer_limit answer_limit_of(struct field lines, struct answer const *a, struct answer_bounds const *b, uint64_t now)
{
  struct hashes h;
  struct field text;
  struct line l;
  uint64_t had = 0, to_one = 0, to_all = 0;
  hash_of(&h, a);
  while (list_line_next(&text, &lines)) {
    if (!read_line(&l, text, now)) continue;
    bool const same = !memcmp(l.of->address, h.address, SURF_LETTERS);
    if (same && !memcmp(l.of->request, h.request, SURF_LETTERS)) had++;
    if (same) to_one += l.weight;
    if (now - l.when < ANSWER_MINUTE) to_all += l.weight;
  }
  if (b->one && a->request.s && had >= ANSWERS_TO_A_REQUEST) return ANSWER_HAD;
  if (b->one && to_one >= b->one) return ANSWER_ENOUGH;
  return b->all && to_all >= b->all ? ANSWER_BUSY : ANSWER_MAY;
}

void answer_limit_lines(stralloc *to, struct field lines, struct answer const *a, uint64_t now)
{
  struct hashes h;
  struct field text;
  struct line l;
  to->len = 0;
  while (list_line_next(&text, &lines))
    if (read_line(&l, text, now)) text_addb(to, text.s, text.len), text_add(to, "\n");
  hash_of(&h, a);
  text_addu(to, now), text_add(to, " ");
  text_addu(to, answer_weight(a)), text_add(to, " ");
  text_addb(to, (char const *)&h, sizeof h), text_add(to, "\n");
}

/* ---- the file ---- */

/* What may be answered now; lock -1: it is not noted. */
static struct { int lock; struct answer answer; stralloc lines; } now_answered = { .lock = -1, .lines = STRALLOC_ZERO };

static struct field lines_now(void)
{
  return (struct field){ now_answered.lines.s, now_answered.lines.len };
}

static void read_bounds(struct answer_bounds *b, struct list const *l)
{
  stralloc text = STRALLOC_ZERO;
  list_setting(&text, l, "answerlimit", 0);
  answer_bounds_read(b, (struct field){ text.len ? text.s : "", text.len });
  stralloc_free(&text);
}

/* Longer than it can ever become by us it is none of ours: it begins anew, and nobody waits for answers because of it. */
static void read_lines(struct list const *l)
{
  now_answered.lines.len = 0;
  if (list_file_read(&now_answered.lines, file, LIST_FILE_MAX) != -1) return;
  if (errno != EFBIG) list_die_system(l, "ERR_READ", file);
  list_warn_system(l, "ERR_READ", file);
  now_answered.lines.len = 0;
}

static enum answer_limit look(struct list const *l, struct answer const *a)
{
  struct answer_bounds b;
  if (!list_is_for_mail()) return ANSWER_MAY;
  read_bounds(&b, l);
  if (!b.one && !b.all) return ANSWER_MAY;
  now_answered.answer = *a;
  if (now_answered.lock == -1) now_answered.lock = list_lock(lock_file);
  read_lines(l);
  return answer_limit_of(lines_now(), a, &b, (uint64_t)time(0));
}

static void let_go(void)
{
  if (now_answered.lock != -1) fd_close(now_answered.lock);
  now_answered.lock = -1;
}

static char const *const words[] = { [ANSWER_HAD] = "ERR_ANSWER_HAD", [ANSWER_ENOUGH] = "ERR_ANSWER_ENOUGH", [ANSWER_BUSY] = "ERR_ANSWER_BUSY" };

bool answer_limit_may(struct list const *l, struct answer const *a)
{
  enum answer_limit const said = look(l, a);
  if (said == ANSWER_MAY) return true;
  if (said == ANSWER_BUSY) list_die(LIST_TROUBLE, l, words[said], 0, 0);
  list_inform(l, words[said], 0);
  let_go();
  return false;
}

void answer_limit_wait(struct list const *l, struct answer const *a)
{
  enum answer_limit const said = look(l, a);
  if (said != ANSWER_MAY) list_die(LIST_TROUBLE, l, words[said], 0, 0);
}

void answer_limit_done(void)
{
  stralloc after = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  if (now_answered.lock == -1) return;
  answer_limit_lines(&after, lines_now(), &now_answered.answer, (uint64_t)time(0));
  if (!replace_begin(&r, file, aside, 0600) || !replace_write(&r, after.s, after.len) || !replace_commit(&r)) list_warn_system(0, "ERR_WRITE", file);
  let_go();
  stralloc_free(&after);
}
