#include <stddef.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "list_options.h"
#include "list_words.h"
#include "number.h"
#include "text.h"

/* Where one is among the arguments: in a word of options, or before the next word. */
struct place { int argc; char const *const *argv; int word; char const *rest; };

struct chosen { char letter; struct list_option const *option; char const *argument; };

static struct list_option const version = { 'V', OPTION_IGNORED, 0, 0 };

static bool wants_argument(struct list_option const *o)
{
  return o->kind == OPTION_NUMBER || o->kind == OPTION_TEXT;
}

static struct list_option const *option_of(struct list_option const *options, char letter)
{
  for (struct list_option const *o = options; o->letter; o++)
    if (o->letter == letter) return o;
  return letter == 'v' || letter == 'V' ? &version : 0;
}

/* "-" and "--" end the options. */
static bool at_option(struct place *p)
{
  if (p->rest && *p->rest) return true;
  if (p->rest) p->word++;
  p->rest = 0;
  if (p->word >= p->argc || p->argv[p->word][0] != '-') return false;
  char const *word = p->argv[p->word] + 1;
  if (!*word || !strcmp(word, "-")) return p->word++, false;
  p->rest = word;
  return true;
}

/* What stands behind the letter, or is the next word; null: there is none. */
static char const *argument_of(struct place *p)
{
  char const *argument = *p->rest ? p->rest : ++p->word < p->argc ? p->argv[p->word] : 0;
  p->rest = argument ? "" : 0;
  return argument;
}

/* False at the end of the options; what they do not have, or a number that is none, is wrong use. */
static bool next_option(struct chosen *c, struct place *p, struct list_option const *options, char const *usage)
{
  uint64_t number;
  if (!at_option(p)) return false;
  *c = (struct chosen){ .letter = *p->rest++ };
  c->option = option_of(options, c->letter);
  if (!c->option) strerr_dieusage(LIST_REFUSED, usage);
  if (!wants_argument(c->option)) return true;
  c->argument = argument_of(p);
  if (!c->argument) strerr_dieusage(LIST_REFUSED, usage);
  size_t const len = strlen(c->argument);
  if (c->option->kind == OPTION_NUMBER && (!len || number_scan(c->argument, len, &number) < len))
    strerr_dieusage(LIST_REFUSED, usage);
  return true;
}

static void set(struct list_option const *o, char const *argument)
{
  switch (o->kind) {
  case OPTION_ON: *(bool *)o->to = true; break;
  case OPTION_OFF: *(bool *)o->to = false; break;
  case OPTION_COUNT_UP: ++*(unsigned *)o->to; break;
  case OPTION_COUNT_NONE: *(unsigned *)o->to = 0; break;
  case OPTION_NUMBER: number_scan(argument, strlen(argument), o->to); break;
  case OPTION_TEXT: *(char const **)o->to = argument; break;
  case OPTION_IGNORED: break;
  }
}

/* The text stays as long as the program. */
static void from_setting(struct list_option const *o, struct list const *l)
{
  stralloc value = STRALLOC_ZERO;
  uint64_t number;
  if (!list_setting(&value, l, o->file, 0)) return;
  if (o->kind == OPTION_TEXT) *(char const **)o->to = text_z(&value);
  else if (number_scan(value.s, value.len, &number)) *(uint64_t *)o->to = number;
}

static void from_files(struct list_option const *options, struct list const *l)
{
  for (struct list_option const *o = options; o->letter; o++) {
    if (!o->file) continue;
    if (wants_argument(o)) from_setting(o, l);
    else if (list_flag(l, o->file)) set(o, 0);
  }
}

static _Noreturn void say_version(void)
{
  strerr_die(0, "ezmlm version: ", LIST_VERSION);
}

int list_options(struct list *l, int argc, char const *const *argv, struct list_option const *options, enum list_wants wants,
                 char const *usage)
{
  struct place const start = { argc, argv, 1, 0 };
  struct place p = start;
  struct chosen c;
  while (next_option(&c, &p, options, usage)) ;
  bool const dir = wants != LIST_NONE && p.word < argc;
  if (wants == LIST_NEEDED && !dir) strerr_dieusage(LIST_REFUSED, usage);
  if (dir) {
    list_enter(l, argv[p.word]);
    from_files(options, l);
  }
  for (p = start; next_option(&c, &p, options, usage); )
    if (c.option == &version) say_version();
    else set(c.option, c.argument);
  return p.word + dir;
}
