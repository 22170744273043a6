#include <string.h>

#include "slips.h"
#include "vdotqmail.h"

/* Lines with a sign that only accounts' files know are addresses. */
static bool says_something(struct instruction *in)
{
  bool sign = in->len && in->text[0] == '+' && (in->kind == INSTRUCTION_NOTHING || in->kind == INSTRUCTION_FORWARD_ONLY);
  if (sign) in->kind = INSTRUCTION_FORWARD;
  return in->kind != INSTRUCTION_NOTHING && in->kind != INSTRUCTION_BLANK_FIRST;
}

bool vdotqmail_next(struct instruction *to, char const *s, size_t len, size_t *at)
{
  while (instruction_next(to, s, len, at))
    if (says_something(to)) return true;
  return false;
}

static char const *fault_of(struct instruction const *in)
{
  char const *slip = slip_of(in);
  if (!slip && in->kind == INSTRUCTION_MBOX) return "a virtual user has no mbox; the path of a Maildir ends with /";
  return slip;
}

static size_t line_number(char const *s, char const *line)
{
  size_t n = 1;
  while (s < line) n += *s++ == '\n';
  return n;
}

struct vdotqmail_verdict vdotqmail_judge(char const *s, size_t len)
{
  struct vdotqmail_verdict v = { 0 };
  struct instruction in;
  for (size_t at = 0; !v.fault && vdotqmail_next(&in, s, len, &at); v.instructions++) {
    v.fault = fault_of(&in);
    if (v.fault) v.line = line_number(s, in.line);
  }
  return v;
}

bool vdotqmail_deletes(char const *s, size_t len)
{
  static char const wish[] = "# delete";
  struct instruction in;
  for (size_t at = 0; instruction_next(&in, s, len, &at);)
    if (in.line_len == sizeof wish - 1 && !memcmp(in.line, wish, sizeof wish - 1)) return true;
  return false;
}
