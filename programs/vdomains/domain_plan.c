#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "domain_plan.h"
#include "lines.h"
#include "plan.h"
#include "refuse.h"
#include "text.h"

#define ASSIGN "users/assign"
#define RCPTHOSTS "control/rcpthosts"
#define MORERCPTHOSTS "control/morercpthosts"
#define VIRTUALDOMAINS "control/virtualdomains"
#define LOCALS "control/locals"

static char const *virtual_line(struct domain const *domain)
{
  static stralloc line = STRALLOC_ZERO;
  text_set(&line, domain->name.s);
  text_addc(&line, ':');
  text_add(&line, domain->name.s);
  return text_z(&line);
}

static char const *assign_line(struct domain const *domain)
{
  static stralloc line = STRALLOC_ZERO;
  domain_line(&line, domain);
  return line.s;
}

static void file_read(stralloc *text, char const *path)
{
  text->len = 0;
  if (control_slurp_path(text, path) == -1) strerr_diefusys(111, "read ", path);
}

static size_t lines_count(stralloc const *text)
{
  struct text_line line;
  size_t at = 0, count = 0;
  while (lines_next(&line, text->s, text->len, &at)) count++;
  return count;
}

/* Where the domain stands already, or where there is room. */
static char const *rcpthosts_for(struct domain const *domain)
{
  static stralloc text = STRALLOC_ZERO;
  file_read(&text, RCPTHOSTS);
  bool here = lines_count(&text) < DOMAIN_RCPTHOSTS_MAX || lines_have(&text, (struct text_line){ domain->name.s, domain->name.len });
  return here ? RCPTHOSTS : MORERCPTHOSTS;
}

static bool is_about(struct text_line line, struct domain const *domain)
{
  size_t len = domain->name.len;
  return line.len > len && line.s[len] == ':' && case_diffb(line.s, len, domain->name.s) == 0;
}

/* Of two lines for one domain only one would count. */
void domain_plan_check(struct domain const *domain)
{
  stralloc text = STRALLOC_ZERO, why = STRALLOC_ZERO;
  struct text_line line, own = { virtual_line(domain), 2 * domain->name.len + 1 };
  size_t at = 0;
  file_read(&text, VIRTUALDOMAINS);
  while (lines_next(&line, text.s, text.len, &at)) {
    if (!is_about(line, domain) || lines_same(line, own)) continue;
    text_set(&why, VIRTUALDOMAINS " has ");
    text_addb(&why, line.s, line.len);
    refuse_saying(VCODE_DOMAIN_EXISTS, text_z(&why));
  }
  stralloc_free(&text);
}

void domain_plan_add(stralloc *plan, struct domain const *domain)
{
  plan_add(plan, PLAN_ADD, ASSIGN, assign_line(domain));
  plan_add(plan, PLAN_ADD, VIRTUALDOMAINS, virtual_line(domain));
  plan_add(plan, PLAN_DROP, LOCALS, domain->name.s);
  plan_add(plan, PLAN_ADD, rcpthosts_for(domain), domain->name.s);
}

/* A line made by hand may stand in either list of hosts. */
void domain_plan_drop(stralloc *plan, struct domain const *domain)
{
  plan_add(plan, PLAN_DROP, RCPTHOSTS, domain->name.s);
  plan_add(plan, PLAN_DROP, MORERCPTHOSTS, domain->name.s);
  plan_add(plan, PLAN_DROP, VIRTUALDOMAINS, virtual_line(domain));
  plan_add(plan, PLAN_DROP, ASSIGN, assign_line(domain));
}
