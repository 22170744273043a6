#include <string.h>

#include "address.h"
#include "list_words.h"
#include "text.h"

static char const unknown[] = "?????", no_cookie[] = "????????????????????";

struct question { char letter; struct list const *l; struct list_tags const *t; };

static void add_or(stralloc *to, struct field f, char const *otherwise)
{
  if (f.s) text_addb(to, f.s, f.len);
  else text_add(to, otherwise);
}

/* ---- what each letter stands for ---- */

static void tag_address(stralloc *to, struct question const *q)
{
  add_or(to, q->letter == 'A' ? q->t->target : q->t->confirm, unknown);
}

static void tag_local(stralloc *to, struct question const *q)
{
  struct field f = q->letter == 'a' ? q->t->target : q->t->confirm;
  if (f.s) f.len = address_at(f.s, f.len);
  add_or(to, f, unknown);
}

/* What follows the list's name in the confirm address, that of a table included. */
static void tag_command(stralloc *to, struct question const *q)
{
  struct field f = q->t->confirm;
  stralloc before = STRALLOC_ZERO;
  if (q->l) list_name(&before, q->l, q->t->table), text_add(&before, "-");
  if (f.s) f.len = address_at(f.s, f.len);
  if (f.s && before.len && f.len >= before.len && !memcmp(f.s, before.s, before.len))
    f = (struct field){ f.s + before.len, f.len - before.len };
  add_or(to, f, unknown);
  stralloc_free(&before);
}

static void tag_target(stralloc *to, struct question const *q)
{
  struct field const f = q->t->target;
  add_or(to, f, unknown);
  if (f.s && address_at(f.s, f.len) < f.len) to->s[to->len - f.len + address_at(f.s, f.len)] = '=';
}

static void tag_main(stralloc *to, struct question const *q)
{
  add_or(to, q->l ? (struct field){ q->l->local.s, q->l->local.len } : (struct field){ 0, 0 }, unknown);
}

static void tag_list(stralloc *to, struct question const *q)
{
  if (q->l) list_name(to, q->l, q->t->table);
  else text_add(to, unknown);
}

static void tag_host(stralloc *to, struct question const *q)
{
  add_or(to, q->l ? (struct field){ q->l->host.s, q->l->host.len } : (struct field){ 0, 0 }, unknown);
}

static void tag_directory(stralloc *to, struct question const *q)
{
  text_add(to, q->l && q->l->dir ? q->l->dir : unknown);
}

static void tag_cookie(stralloc *to, struct question const *q) { add_or(to, q->t->cookie, no_cookie); }
static void tag_time(stralloc *to, struct question const *q) { add_or(to, q->t->time, unknown); }
static void tag_action(stralloc *to, struct question const *q) { add_or(to, q->t->action, "??."); }
static void tag_number(stralloc *to, struct question const *q) { add_or(to, q->t->number, unknown); }

static void tag_parameter(stralloc *to, struct question const *q)
{
  add_or(to, q->t->parameter[q->letter - '0'], unknown);
}

static struct tag { char const *letters; void (*add)(stralloc *to, struct question const *q); } const tags[] = {
  { "AR", tag_address }, { "ar", tag_local }, { "c", tag_command }, { "t", tag_target },
  { "L", tag_main }, { "l", tag_list }, { "Hh", tag_host }, { "d", tag_directory },
  { "C", tag_cookie }, { "T", tag_time }, { "X", tag_action }, { "n", tag_number }, { "0123456789", tag_parameter },
};

/* ---- the text ---- */

void list_name(stralloc *to, struct list const *l, char const *table)
{
  text_addx(to, &l->local);
  if (!table || !*table || !strcmp(table, ".")) return;
  text_add(to, "-");
  text_add(to, table);
}

bool list_tag_at(struct field text, size_t at, char *letter)
{
  if (text.len - at < 5 || memcmp(text.s + at, "<#", 2) != 0 || memcmp(text.s + at + 3, "#>", 2) != 0) return false;
  *letter = text.s[at + 2];
  return *letter != '\n';
}

static void add_tag(stralloc *to, struct question const *q)
{
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (q->letter && strchr(tags[i].letters, q->letter)) tags[i].add(to, q);
}

void list_tags_fill(stralloc *to, struct field text, struct list const *l, struct list_tags const *t)
{
  struct list_tags const none = { .table = 0 };
  struct question q = { 0, l, t ? t : &none };
  for (size_t i = 0; i < text.len; i++)
    if (list_tag_at(text, i, &q.letter)) add_tag(to, &q), i += 4;
    else text_addc(to, text.s[i]);
}
