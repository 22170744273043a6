#include <errno.h>
#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/strerr.h>

#include "domain.h"
#include "fields.h"
#include "lines.h"
#include "refuse.h"
#include "text.h"
#include "users.h"

static void keep(stralloc *to, char const *s, size_t len)
{
  text_setb(to, s, len);
  text_z(to);
}

static void keep_name(stralloc *to, char const *s, size_t len)
{
  text_setb(to, s, len);
  case_lowerb(to->s, to->len);
  text_z(to);
}

static void fill(struct domain *domain, char const *name, size_t len, struct user const *user)
{
  keep_name(&domain->name, name, len);
  keep_name(&domain->real, user->name.s, user->name.len);
  keep(&domain->dir, user->home.s, user->home.len);
  domain->uid = user->uid;
  domain->gid = user->gid;
}

bool domain_find(struct domain *domain, char const *name, size_t len)
{
  static stralloc prefix = STRALLOC_ZERO;
  struct user user = USER_ZERO;
  text_setb(&prefix, name, len);
  text_addc(&prefix, '-');
  switch (users_find_prefix(&user, prefix.s, prefix.len)) {
    case USERS_FOUND: fill(domain, name, len, &user); return true;
    case USERS_NOBODY: return false;
    case USERS_NOMEM: die_nomem();
    default: strerr_diefusys(111, "read ", "users/cdb");
  }
}

void domain_need(struct domain *domain, char const *name, size_t len)
{
  if (!domain_find(domain, name, len)) refuse(VCODE_NO_DOMAIN);
}

void domain_copy(struct domain *to, struct domain const *from)
{
  keep(&to->name, from->name.s, from->name.len);
  keep(&to->real, from->real.s, from->real.len);
  keep(&to->dir, from->dir.s, from->dir.len);
  to->uid = from->uid;
  to->gid = from->gid;
}

void domain_set(struct domain *domain, char const *name, uid_t uid, gid_t gid)
{
  keep_name(&domain->name, name, strlen(name));
  keep_name(&domain->real, name, strlen(name));
  domain->uid = uid;
  domain->gid = gid;
}

void domain_place(struct domain *domain, char const *parent)
{
  text_set(&domain->dir, parent);
  text_addc(&domain->dir, '/');
  text_add(&domain->dir, domain->name.s);
  text_z(&domain->dir);
}

void domain_rename(struct domain *domain, char const *alias)
{
  keep_name(&domain->name, alias, strlen(alias));
}

bool domain_is_alias(struct domain const *domain)
{
  return domain->name.len != domain->real.len || memcmp(domain->name.s, domain->real.s, domain->name.len) != 0;
}

void domain_line(stralloc *line, struct domain const *domain)
{
  text_set(line, "+");
  text_add(line, domain->name.s);
  text_add(line, "-:");
  text_add(line, domain->real.s);
  text_addc(line, ':');
  text_addu(line, domain->uid);
  text_addc(line, ':');
  text_addu(line, domain->gid);
  text_addc(line, ':');
  text_add(line, domain->dir.s);
  text_add(line, ":-::");
  text_z(line);
}

/* ---- all of them ---- */

enum { PREFIX, REAL, UID, GID, DIR, DASH, PRE, PARTS };

/* "+DOMAIN-", where the domain has a dot: users have none. */
static bool is_prefix_of_domain(struct field f)
{
  return f.len > 3 && f.s[0] == '+' && f.s[f.len - 1] == '-' && memchr(f.s, '.', f.len);
}

static unsigned int id_of(struct field f)
{
  unsigned int n = 0;
  for (size_t i = 0; i < f.len; i++) n = 10 * n + (unsigned int)(f.s[i] - '0');
  return n;
}

static bool read_line(struct domain *domain, struct text_line line)
{
  struct field f[PARTS];
  if (fields_split(f, PARTS, line.s, line.len) != PARTS || !is_prefix_of_domain(f[PREFIX])) return false;
  if (!field_is_id(f[UID]) || !field_is_id(f[GID]) || !f[REAL].len) return false;
  keep_name(&domain->name, f[PREFIX].s + 1, f[PREFIX].len - 2);
  keep_name(&domain->real, f[REAL].s, f[REAL].len);
  keep(&domain->dir, f[DIR].s, f[DIR].len);
  domain->uid = id_of(f[UID]);
  domain->gid = id_of(f[GID]);
  return true;
}

bool domain_next(struct domain *domain, stralloc const *assign, size_t *at)
{
  struct text_line line;
  while (lines_next(&line, assign->s, assign->len, at)) {
    if (line.len && line.s[0] == '.') return false;
    if (read_line(domain, line)) return true;
  }
  return false;
}
