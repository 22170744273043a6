#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/bytestr.h>

#include "die.h"
#include "harvest.h"
#include "nameset.h"
#include "screen.h"
#include "text.h"

enum { SHOWN_MAX = 200 };       /* bytes of what is left that are told */

struct harvest_target const harvest_targets[HARVEST_FILES] = {
  [HARVEST_ME]             = { "control/me",              HARVEST_ONE },
  [HARVEST_DEFAULTHOST]    = { "control/defaulthost",     HARVEST_ONE },
  [HARVEST_DEFAULTDOMAIN]  = { "control/defaultdomain",   HARVEST_ONE },
  [HARVEST_HELOHOST]       = { "control/helohost",        HARVEST_ONE },
  [HARVEST_OUTGOINGIP]     = { "control/outgoingip",      HARVEST_ONE },
  [HARVEST_DATABYTES]      = { "control/databytes",       HARVEST_ONE },
  [HARVEST_QUEUELIFETIME]  = { "control/queuelifetime",   HARVEST_ONE },
  [HARVEST_QUEUEWARNING]   = { "control/queuewarning",    HARVEST_ONE },
  [HARVEST_BREAKCHARS]     = { "control/breakchars",      HARVEST_ONE },
  [HARVEST_DEFAULTDELIVERY] = { "control/defaultdelivery", HARVEST_ONE },
  [HARVEST_BOUNCECOPYTO]   = { "control/bouncecopyto",    HARVEST_ONE },
  [HARVEST_LOCALS]         = { "control/locals",          HARVEST_LIST },
  [HARVEST_RCPTHOSTS]      = { "control/rcpthosts",       HARVEST_LIST },
  [HARVEST_BADMAILFROM]    = { "control/badmailfrom",     HARVEST_LIST },
  [HARVEST_BADRCPTTO]      = { "control/badrcptto",       HARVEST_LIST },
  [HARVEST_QUEUEEXTRA]     = { "control/queueextra",      HARVEST_LIST },
  [HARVEST_VALIDRCPTTO]    = { "control/validrcptto",     HARVEST_LIST },
  [HARVEST_VIRTUALDOMAINS] = { "control/virtualdomains",  HARVEST_MAP },
  [HARVEST_SMTPROUTES]     = { "control/smtproutes",      HARVEST_MAP },
  [HARVEST_GENERICFROM]    = { "control/genericfrom",     HARVEST_MAP },
  [HARVEST_MOVED]          = { "control/moved",           HARVEST_MAP },
  [HARVEST_PRIMARY]        = { "control/primary",         HARVEST_MAP },
  [HARVEST_VIRTUAL]        = { "users/virtual",           HARVEST_MAP },
  [HARVEST_RULES]          = { "/etc/tcp.smtp",           HARVEST_LIST },
};

/* Whether it was not there. */
static bool note(struct harvest *h, enum harvest_file to, struct field name)
{
  stralloc key = STRALLOC_ZERO;
  text_addb(&key, name.s, name.len);
  case_lowerb(key.s, key.len);
  text_end(&key);
  char **at = tsearch(key.s, &h->names[to], (int (*)(void const *, void const *))strcmp);
  if (!at) die_nomem();
  if (*at == key.s) return true;
  stralloc_free(&key);
  return false;
}

/* Blanks belong to rules and instructions only; in a name they would be another name. */
static bool is_clean(struct field f, bool with_blanks)
{
  for (size_t i = 0; i < f.len; i++)
    if ((unsigned char)f.s[i] < ' ' || f.s[i] == 127 || (f.s[i] == ' ' && !with_blanks)) return false;
  return f.len == 0 || (f.s[0] != '#' && f.s[f.len - 1] != ' ');
}

static void add_line(stralloc *to, struct field name, struct field value, bool is_map)
{
  text_addb(to, name.s, name.len);
  if (is_map) text_addc(to, ':');
  text_addb(to, value.s, value.len);
  text_addc(to, '\n');
}

void harvest_put(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field line)
{
  bool is_one = harvest_targets[to].kind == HARVEST_ONE;
  if (!line.len && to != HARVEST_BREAKCHARS) return;
  if (!is_clean(line, is_one || to == HARVEST_RULES)) harvest_leave(h, from, line, "it cannot stand in a control file");
  else if (is_one ? !h->text[to].len : note(h, to, line)) add_line(&h->text[to], line, (struct field){ "", 0 }, false);
}

void harvest_map(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field name, struct field value)
{
  bool fits = is_clean(name, false) && is_clean(value, to == HARVEST_VIRTUAL) && (to == HARVEST_VIRTUAL || !memchr(name.s, ':', name.len));
  if (!fits) harvest_leave(h, from, name, "it cannot stand in a control file");
  else if (note(h, to, name)) add_line(&h->text[to], name, value, true);
}

static void forget(struct harvest *h, enum harvest_file to, struct field name)
{
  stralloc *text = &h->text[to];
  for (size_t at = 0; at < text->len;) {
    char *line = text->s + at, *next = (char *)memchr(line, '\n', text->len - at) + 1;
    if ((size_t)(next - line) > name.len && line[name.len] == ':' && nameset_same(line, name.s, name.len)) {
      memmove(line, next, (size_t)(text->s + text->len - next));
      text->len -= (size_t)(next - line);
    } else {
      at += (size_t)(next - line);
    }
  }
}

void harvest_map_again(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field name, struct field value)
{
  forget(h, to, name);
  if (!note(h, to, name)) add_line(&h->text[to], name, value, true);
  else harvest_map(h, to, from, name, value);
}

static bool has_alias_file(struct harvest const *h, char const *name)
{
  for (size_t at = 0; at < h->alias_files.len;) {
    char const *there = h->alias_files.s + at;
    if (strcmp(there, name) == 0) return true;
    at += strlen(there) + 1;
    at += strlen(h->alias_files.s + at) + 1;
  }
  return false;
}

void harvest_alias_file(struct harvest *h, char const *name, char const *text)
{
  if (has_alias_file(h, name)) return;
  text_add(&h->alias_files, name);
  text_end(&h->alias_files);
  text_add(&h->alias_files, text);
  text_end(&h->alias_files);
}

void harvest_leave(struct harvest *h, struct harvest_place from, struct field what, char const *instead)
{
  text_add(&h->left, from.path);
  if (from.line) {
    text_addc(&h->left, ':');
    text_addu(&h->left, from.line);
  }
  text_add(&h->left, ": ");
  screen_add(&h->left, what, SHOWN_MAX, '?');
  text_add(&h->left, ": ");
  text_add(&h->left, instead);
  text_addc(&h->left, '\n');
}
