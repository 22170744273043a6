#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "dir_control_file.h"
#include "domain_slot.h"
#include "place.h"
#include "plan.h"
#include "refuse.h"
#include "site.h"
#include "text.h"
#include "tree.h"

/* ---- the next one ---- */

_Noreturn static void refuse_base(char const *base)
{
  strerr_warnwusys("open the directory domains in ", base);
  refuse(VCODE_MAKE_DOMAINS_DIR);
}

static int domains_open(char const *base)
{
  int fd = tree_open(base);
  int domains = fd == -1 ? -1 : tree_enter(fd, "domains", 0700);
  if (domains == -1) refuse_base(base);
  fd_close(fd);
  return domains;
}

/* Where it would be: the first one of a base is in domains itself, which nobody has made yet. False with errno. */
static bool foresee(struct domain_slot *slot, char const *base)
{
  struct dir_control control;
  int fd = tree_open(base);
  if (fd == -1) refuse_base(base);
  slot->domains = openat(fd, "domains", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (slot->domains == -1 && errno != ENOENT) refuse_base(base);
  fd_close(fd);
  if (slot->domains == -1) return true;
  if (!dir_control_read(slot->domains, &control)) return false;
  dir_control_add(&control);
  memcpy(slot->slot, control.dir, sizeof slot->slot);
  return true;
}

static bool take(struct domain_slot *slot, char const *base)
{
  slot->domains = domains_open(base);
  return dir_control_take(slot->domains, slot->slot);
}

void domain_slot_take(struct domain_slot *slot, char const *base, bool really)
{
  if (!(really ? take : foresee)(slot, base)) {
    strerr_warnwusys("find a place for the domain in ", base, "/domains");
    refuse(VCODE_MAKE_DOMAIN_DIR);
  }
  text_set(&slot->place, base);
  text_add(&slot->place, *slot->slot ? "/domains/" : "/domains");
  text_add(&slot->place, slot->slot);
  text_z(&slot->place);
}

int domain_slot_open(struct domain_slot const *slot)
{
  return tree_enter_path(slot->domains, slot->slot, 0750);
}

void domain_slot_give_back(struct domain_slot const *slot)
{
  dir_control_give_back(slot->domains, slot->slot);
}

/* ---- one that was taken ---- */

bool domain_slot_is_its_own(struct domain const *domain)
{
  char const *slash = strrchr(domain->dir.s, '/');
  return slash && strcmp(slash + 1, domain->real.s) == 0 && plan_holds(domain->dir.s, domain->dir.len);
}

static bool place_find(stralloc *domains, stralloc *slot, char const *dir)
{
  size_t const len = place_domains(dir);
  char const *below = dir + len + 1, *name = strrchr(dir, '/') + 1;
  if (!len) return false;
  text_setb(domains, dir, len);
  text_z(domains);
  text_setb(slot, below, below < name ? (size_t)(name - below) - 1 : 0);
  return !slot->len || dir_control_is_dir(slot->s, slot->len);
}

void domain_slot_left(struct domain const *domain)
{
  struct dir_control control = { .users = 0 };
  stralloc domains = STRALLOC_ZERO, slot = STRALLOC_ZERO;
  if (!domain_slot_is_its_own(domain) || !place_find(&domains, &slot, domain->dir.s)) return;
  int fd = tree_open(domains.s);
  bool given = fd != -1 && dir_control_read(fd, &control) && (!control.users || dir_control_give_back(fd, text_z(&slot)));
  if (!given) strerr_warnwusys("give back the place of ", domain->name.s);
  if (fd != -1) fd_close(fd);
}

/* ---- a new place ---- */

/* Whether another domain is there. */
static bool is_known(struct domain const *domain, stralloc const *domains)
{
  stralloc assign = STRALLOC_ZERO;
  struct domain other = DOMAIN_ZERO;
  bool known = false;
  if (control_slurp_path(&assign, "users/assign") == -1) return false;
  for (size_t at = 0; !known && domain_next(&other, &assign, &at);)
    known = strcmp(other.real.s, domain->real.s) != 0 && other.uid == domain->uid && place_is_below(other.dir.s, domains->s);
  stralloc_free(&assign);
  return known;
}

void domain_slot_tell(struct domain const *domain)
{
  struct site const *site = site_find();
  stralloc domains = STRALLOC_ZERO, slot = STRALLOC_ZERO;
  if (domain->uid != site->uid || place_is_below(domain->dir.s, site->home)) return;
  if (place_find(&domains, &slot, domain->dir.s) && !is_known(domain, &domains))
    strerr_warnw("logins are noted there when the service has started anew: qmailctl restart qmail-users");
}
