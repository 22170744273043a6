#include <errno.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "control.h"
#include "home.h"
#include "nameset.h"
#include "store_choice.h"
#include "store_names.h"

#define CHOICE HOME "/control/usersbackend"

static struct store const *const stores[STORE_KINDS] = {
  [STORE_CDB] = &store_cdb, [STORE_SQLITE] = &store_sqlite, [STORE_MYSQL] = &store_mysql, [STORE_PGSQL] = &store_pgsql,
  [STORE_LDAP] = &store_ldap
};

static struct store const *store_named(struct field name)
{
  enum store_kind kind = store_kind_of(name.s, name.len);
  return kind < STORE_KINDS ? stores[kind] : 0;
}

/* The domain that the next line speaks for, of length 0 for all, and the word behind it. */
static bool line_next(struct field *domain, struct field *word, char const *s, size_t len, size_t *at)
{
  struct nameset_line line;
  if (!nameset_line_next(&line, s, len, at, false)) return false;
  char const *colon = memchr(line.name, ':', line.name_len);
  size_t const head = colon ? (size_t)(colon - line.name) : 0, behind = head + (colon != 0);
  *domain = (struct field){ line.name, head };
  *word = (struct field){ line.name + behind, line.name_len - behind };
  return true;
}

struct store const *store_choice_parse(char const *s, size_t len, struct field domain)
{
  struct field speaks_for, word, own = { 0, 0 }, all = { "cdb", 3 };
  for (size_t at = 0; line_next(&speaks_for, &word, s, len, &at);) {
    if (!speaks_for.len) all = word;
    else if (speaks_for.len == domain.len && nameset_same(speaks_for.s, domain.s, domain.len)) own = word;
  }
  return own.s ? store_named(own) : store_named(all);
}

struct store const *store_choice_next(char const *s, size_t len, size_t *at)
{
  struct field speaks_for, word;
  while (line_next(&speaks_for, &word, s, len, at)) {
    struct store const *found = store_named(word);
    if (found && found->is_apart) return found;
  }
  return 0;
}

int store_choice_read(stralloc *to)
{
  size_t const was = to->len;
  int r = control_slurp_path(to, CHOICE);
  if (r != 1 || to->len - was <= STORE_CHOICE_MAX) return r;
  to->len = was;
  return errno = EFBIG, -1;
}

/* ---- none ---- */

static int why;

static enum store_result no_find(struct store_domain const *domain, struct vpasswd *record, stralloc *space, struct field name)
{
  (void)domain, (void)record, (void)space, (void)name;
  return errno = why, STORE_TROUBLE;
}

static enum store_result no_list(struct store_domain const *domain, store_each *each, void *with)
{
  (void)domain, (void)each, (void)with;
  return errno = why, STORE_TROUBLE;
}

static enum store_result no_edit(struct store_domain const *domain, struct store_edit const *edits, size_t count, size_t *culprit)
{
  (void)domain, (void)edits, (void)count;
  *culprit = 0;
  return errno = why, STORE_TROUBLE;
}

struct store const store_unknown = { .name = "unknown", .is_apart = true, .find = no_find, .list = no_list, .edit = no_edit };

/* That we may not read it, or that it names what there is not, is no fact about a user. */
static struct store const *none(int error)
{
  why = errno = error == EACCES || error == EPERM ? EPROTO : error;
  return &store_unknown;
}

struct store const *store_of(char const *domain)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  int r = store_choice_read(&text);
  if (r == 0) return &store_cdb;
  if (r == -1) return none(errno);
  struct store const *found = store_choice_parse(text.s, text.len, (struct field){ domain, strlen(domain) });
  return found ? found : none(EPROTO);
}
