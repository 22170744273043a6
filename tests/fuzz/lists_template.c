/* A template: each step lies in it and is taken once; no name leads out of the list, and text that is filled has no tag of ours
   in it that was not in what it was filled with. */

#include "fuzz.h"

#include "list_template.h"

static bool is_inside(struct field f, struct part in)
{
  return !f.len || (f.s >= in.s && f.s + f.len <= in.s + in.len);
}

static void leads_nowhere_else(struct template_step const *step)
{
  assert(step->name.len || step->kind == TEMPLATE_FILE);
  assert(!holds(step->name.s, step->name.len, '.') && !holds(step->name.s, step->name.len, 0));
  assert(!step->name.len || *step->name.s != '/');
  assert(!holds(step->link.s, step->link.len, '/') && !holds(step->link.s, step->link.len, 0));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc text = STRALLOC_ZERO;
  struct part in = whole(data, size);
  unsigned how = part_byte(&in);
  struct template_facts facts = { .editing = how & 1, .rewriting = how & 2, .dir = field_of("/l"), .dot = field_of("/d/.q-a-b-c") };
  struct field rest = { in.s, in.len };
  struct template_step step;
  for (int i = 0; i < TEMPLATE_LETTERS; i++) facts.letters[i] = how >> (i % 6 + 2) & 1;
  template_words(&facts);
  template_version(&rest);
  do {
    size_t before = rest.len;
    template_next(&step, &rest, &facts);
    assert(rest.len < before || step.kind == TEMPLATE_END);
    assert(is_inside(step.line, in) && is_inside(step.name, in) && is_inside(step.link, in) && is_inside(rest, in));
    if (step.kind >= TEMPLATE_FILE && step.kind <= TEMPLATE_LINK) leads_nowhere_else(&step);
    text.len = 0;
    template_fill(&text, step.line, &facts);
    assert(step.kind == TEMPLATE_END || !times(text.s, text.len, "<#B#>") || times(step.line.s, step.line.len, "<#"));
  } while (step.kind != TEMPLATE_END);
  return 0;
}
