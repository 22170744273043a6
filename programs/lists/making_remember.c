#include <skalibs/strerr.h>

#include "list.h"
#include "list_file.h"
#include "list_lines.h"
#include "making.h"
#include "text.h"

static void slurp(stralloc *to, char const *name)
{
  to->len = 0;
  if (list_file_read(to, name, LIST_FILE_MAX) == -1) strerr_diefusys(LIST_TROUBLE, "read ", name);
}

static struct list old = LIST_ZERO;  /* its letters */

/* ---- DIR/config, of old lists ---- */

static void fill(stralloc *to, bool said, struct field value)
{
  if (!said && value.len) text_setb(to, value.s, value.len);
}

static void fill_by_letter(struct making *m, char letter, struct field value)
{
  if (letter >= '0' && letter <= '9') {
    fill(&m->arguments[letter - '0'], m->said[letter - '0'], value);
    return;
  }
  switch (letter) {
    case 'X': fill(&m->chosen, m->has_chosen, value); break;
    case 'T': fill(&m->dot, m->dot.len > 0, value); break;
    case 'L': fill(&m->local, m->local.len > 0, value); break;
    case 'H': fill(&m->host, m->host.len > 0, value); break;
    case 'C': fill(&m->code, m->code.len > 0, value); break;
    case 'F': text_setb(&old.config, value.s, value.len); break;
  }
}

static void remember_config(struct making *m)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  slurp(&text, "config");
  rest = (struct field){ text.s, text.len };
  while (list_line_next(&line, &rest) && line.len > 1 && line.s[1] == ':')
    fill_by_letter(m, *line.s, (struct field){ line.s + 2, line.len - 2 });
  stralloc_free(&text);
}

/* ---- files of one line ---- */

/* False: there is no such line. */
static bool first_line(stralloc *to, char const *name)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  slurp(&text, name);
  rest = (struct field){ text.s, text.len };
  bool there = list_line_next(&line, &rest);
  if (there) text_setb(to, line.s, line.len);
  stralloc_free(&text);
  return there;
}

static void remember_line(stralloc *to, bool said, char const *name)
{
  if (!said) first_line(to, name);
}

/* Who owns a list may be written in several lines; all of them stay. */
static void remember_owner(stralloc *to)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  unsigned lines = 0;
  slurp(&text, "owner");
  for (rest = (struct field){ text.s, text.len }; list_line_any(&line, &rest); lines++)
    if (lines == 0) text_setb(to, line.s, line.len);
  if (lines > 1) text_setb(to, text.s, text.len - (text.s[text.len - 1] == '\n'));
  stralloc_free(&text);
}

/* The part of sql that is behind the name of what keeps subscribers. */
static void remember_sql(stralloc *to)
{
  stralloc line = STRALLOC_ZERO;
  if (!to->len && first_line(&line, "sql")) {
    text_set(to, "sql:");
    text_addx(to, &line);
  }
  stralloc_free(&line);
}

static void remember_lines(struct making *m)
{
  static struct { int digit; char const *name; } const files[] = {
    { 0, "sublist" }, { 3, "fromheader" }, { 4, "tstdigopts" }, { 6, "subdb" }, { 7, "modpost" }, { 8, "modsub" }, { 9, "remote" }
  };
  remember_line(&m->dot, m->dot.len > 0, "dot");
  remember_line(&m->local, m->local.len > 0, "outlocal");
  remember_line(&m->host, m->host.len > 0, "outhost");
  remember_line(&m->code, m->code.len > 0, "digestcode");
  remember_line(&m->chosen, m->has_chosen, "ezmlmrc");
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    remember_line(&m->arguments[files[i].digit], m->said[files[i].digit], files[i].name);
  if (!m->said[5]) remember_owner(&m->arguments[5]);
  if (!m->said[6]) remember_sql(&m->arguments[6]);
}

/* ---- letters ---- */

static void remember_letters(struct making *m)
{
  static char const *const flags[TEMPLATE_LETTERS] = {
    ['a' - 'a'] = "archived", ['b' - 'a'] = "modgetonly", ['d' - 'a'] = "digested", ['f' - 'a'] = "prefix",
    ['g' - 'a'] = "subgetonly", ['h' - 'a'] = "nosubconfirm", ['i' - 'a'] = "threaded", ['j' - 'a'] = "nounsubconfirm",
    ['l' - 'a'] = "modcanlist", ['m' - 'a'] = "modpost", ['n' - 'a'] = "modcanedit", ['o' - 'a'] = "modpostonly",
    ['p' - 'a'] = "public", ['r' - 'a'] = "remote", ['s' - 'a'] = "modsub", ['t' - 'a'] = "addtrailer",
    ['u' - 'a'] = "subpostonly", ['w' - 'a'] = "nowarn", ['x' - 'a'] = "mimeremove", ['y' - 'a'] = "confirmpost"
  };
  first_line(&old.flags, "flags");
  for (int i = 0; i < TEMPLATE_LETTERS; i++)
    if (flags[i] && m->letters[i] == LETTER_UNSAID) m->letters[i] = list_flag(&old, flags[i]) ? LETTER_ON : LETTER_OFF;
}

void making_remember(struct making *m)
{
  if (m->keeping) remember_config(m);
  if (m->keeping) remember_letters(m);
  remember_lines(m);
}
