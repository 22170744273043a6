#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "child_looks.h"
#include "control_check.h"
#include "primary.h"
#include "text.h"

/* Who is there in domains that are only relayed to: control/primary, and the list that goes with it. */

enum { ASKED_MAX = 20, ASK_MS = 5000 };         /* domains that are asked about, and for each */

static struct field domain_of(struct control_line const *line)
{
  char const *colon = memchr(line->s, ':', line->len);
  return (struct field){ line->s, colon ? (size_t)(colon - line->s) : line->len };
}

static bool is_by_list(struct control_line const *line)
{
  size_t len = domain_of(line).len;
  return len < line->len && field_is((struct field){ line->s + len + 1, line->len - len - 1 }, PRIMARY_LIST);
}

/* ---- asking ---- */

struct asked {
  struct control_line lines[ASKED_MAX + 1];
  size_t count;
  struct findings *to;
};

static char const *sentence_of(enum primary_said said)
{
  switch (said) {
    case PRIMARY_EVERYBODY: return "its servers take everybody, so that nobody is refused: only a list helps (validrcptto)";
    case PRIMARY_NOBODY: return "its servers refuse everybody, even postmaster, so that they are not believed";
    case PRIMARY_NO_HOST: return "there is nobody to ask: its mail comes to this host, or nowhere; name a host behind the colon";
    case PRIMARY_UNTOLD: return errno ? "the service qmail-primary does not answer, so that nobody is refused"
                                      : "its servers cannot be asked now: the log of qmail-primary tells why";
    default: return "";
  }
}

static void look_at_line(stralloc *said, size_t i, void *asked)
{
  struct asked *a = asked;
  struct field domain = domain_of(a->lines + i);
  stralloc name = STRALLOC_ZERO;
  text_set(&name, "@");
  text_addb(&name, domain.s, domain.len);
  text_add(said, sentence_of(primary_ask((struct field){ name.s, name.len }, ASK_MS)));
  stralloc_free(&name);
}

static void tell_line(size_t i, char const *said, void *asked)
{
  struct asked *a = asked;
  if (!said) said = "its servers could not be asked in time";
  if (*said) problem_line(a->to, "primary", a->lines + i, said);
}

/* The service answers root. */
static void ask_all(struct asked *a)
{
  if (geteuid() == 0 && a->count) child_looks(&(struct child_looks){ a->count, look_at_line, tell_line, a });
}

/* ---- looking ---- */

static bool is_there(struct control_dir const *dir, char const *name)
{
  return control_state_of(dir, name)->presence != IS_ABSENT;
}

static void check_line(struct asked *a, struct control_dir const *dir, struct control_line const *line)
{
  if (judge_primary(line->s, line->len)) return;
  if (is_by_list(line) && !is_there(dir, "validrcptto"))
    problem_line(a->to, "primary", line, "there is no validrcptto, so that mail for it is put off");
  else if (!is_by_list(line) && *line->s != '.' && a->count <= ASKED_MAX) a->lines[a->count++] = *line;
}

void check_primaries(struct findings *to, struct control_dir const *dir)
{
  static struct asked a;
  struct control_line line;
  a = (struct asked){ .to = to };
  for (size_t at = 0; control_next_entry(&control_state_of(dir, "primary")->text, &at, &line);) check_line(&a, dir, &line);
  if (a.count > ASKED_MAX) problem_line(to, "primary", a.lines + --a.count, "this line and those below were not asked about");
  ask_all(&a);
  if (is_there(dir, "validrcptto") && !is_there(dir, "primary"))
    problem(to, "validrcptto", "without primary, which names its domains, it has no effect", "", "");
}
