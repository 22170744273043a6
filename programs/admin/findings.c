#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "text.h"

enum { SHOWN_MAX = 100 };   /* bytes of a wrong line that are repeated */

static char *kept(char const *s)
{
  char *copy = strdup(s);
  if (!copy) die_nomem();
  return copy;
}

void finding_add(struct findings *to, struct finding const *f)
{
  if (to->count == to->room) {
    to->room = to->room ? 2 * to->room : 16;
    struct finding *longer = reallocarray(to->list, to->room, sizeof *longer);
    if (!longer) die_nomem();
    to->list = longer;
  }
  struct finding *new = &to->list[to->count++];
  *new = *f;
  new->where = kept(f->where);
  new->text = kept(f->text);
}

static void about_control(struct findings *to, char const *file, struct finding *f)
{
  stralloc where = STRALLOC_ZERO;
  text_set(&where, "control/");
  text_add(&where, file);
  f->where = text_z(&where);
  finding_add(to, f);
  stralloc_free(&where);
}

void problem(struct findings *to, char const *file, char const *a, char const *b, char const *c)
{
  stralloc text = STRALLOC_ZERO;
  text_set(&text, a);
  text_add(&text, b);
  text_add(&text, c);
  about_control(to, file, &(struct finding){ .text = text_z(&text) });
  stralloc_free(&text);
}

void note(struct findings *to, char const *file, size_t line, char const *text)
{
  about_control(to, file, &(struct finding){ .line = line, .text = text, .is_note = true });
}

void problem_line(struct findings *to, char const *file, struct control_line const *line, char const *why)
{
  stralloc text = STRALLOC_ZERO;
  text_set(&text, why);
  text_add(&text, ": ");
  text_addb(&text, line->s, line->len < SHOWN_MAX ? line->len : SHOWN_MAX);
  about_control(to, file, &(struct finding){ .line = line->number, .text = text_z(&text) });
  stralloc_free(&text);
}

void problem_secret(struct findings *to, char const *file, struct control_line const *line, char const *why)
{
  about_control(to, file, &(struct finding){ .line = line->number, .text = why });
}

size_t findings_problems(struct findings const *f)
{
  size_t n = 0;
  for (size_t i = 0; i < f->count; i++) n += !f->list[i].is_note;
  return n;
}
