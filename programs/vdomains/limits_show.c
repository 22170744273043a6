#include <string.h>

#include "json.h"
#include "limits_show.h"
#include "text.h"
#include "vflags.h"

static struct { enum vlimit which; char const *label, *unit; } const counts[] = {
  { VLIMIT_MAXPOPACCOUNTS, "Max Pop Accounts: ", "" },
  { VLIMIT_MAXALIASES, "Max Aliases: ", "" },
  { VLIMIT_MAXFORWARDS, "Max Forwards: ", "" },
  { VLIMIT_MAXAUTORESPONDERS, "Max Autoresponders: ", "" },
  { VLIMIT_MAXMAILINGLISTS, "Max Mailinglists: ", "" },
}, quotas[] = {
  { VLIMIT_QUOTA, "Domain Quota: ", " MB" },
  { VLIMIT_DEFAULT_QUOTA, "Default User Quota: ", " bytes" },
  { VLIMIT_MAXMSGCOUNT, "Max Domain Messages: ", "" },
  { VLIMIT_DEFAULT_MAXMSGCOUNT, "Default Max Messages per User: ", "" },
};

struct limits_permission const limits_permissions[LIMITS_PERMISSIONS] = {
  { VLIMIT_PERM_ACCOUNT, 0, "  Accounts:         " },
  { VLIMIT_PERM_ALIAS, 0, "  Aliases:          " },
  { VLIMIT_PERM_FORWARD, 0, "  Forwards:         " },
  { VLIMIT_PERM_AUTORESPONDER, 0, "  Autoresponders:   " },
  { VLIMIT_PERM_MAILLIST, 0, "  Mailing lists:    " },
  { VLIMIT_PERM_MAILLIST, 3, "  List users:       " },
  { VLIMIT_PERM_MAILLIST, 6, "  List moderators:  " },
  { VLIMIT_PERM_QUOTA, 0, "  Quota:            " },
  { VLIMIT_PERM_DEFAULTQUOTA, 0, "  Default quota:    " },
};

static char const *const deeds[] = { "CREATE", "MODIFY", "DELETE" };

static void add_number(stralloc *to, int64_t n)
{
  if (n < 0) text_addc(to, '-');
  text_addu(to, n < 0 ? (uint64_t)-n : (uint64_t)n);
}

static void add_line(stralloc *to, char const *label, int64_t value, char const *unit)
{
  text_add(to, label);
  add_number(to, value);
  text_add(to, value > 0 ? unit : "");
  text_addc(to, '\n');
}

static void add_flags(stralloc *to, uint32_t flags)
{
  text_add(to, "GID Flags:\n");
  for (struct vflag const *f = vflags; f->bit; f++) {
    if (!(flags & f->bit)) continue;
    text_add(to, "  ");
    text_add(to, f->name);
    text_addc(to, '\n');
  }
  text_add(to, "Flags (for commandline): ");
  for (struct vflag const *f = vflags; f->bit; f++)
    if (flags & f->bit && f->domain_letter) text_addc(to, f->domain_letter);
  text_addc(to, '\n');
}

static void add_permissions(stralloc *to, struct vlimits const *limits)
{
  text_add(to, "Flags for non postmaster accounts:\n");
  for (size_t i = 0; i < LIMITS_PERMISSIONS; i++) {
    int64_t denied = limits->value[limits_permissions[i].which] >> limits_permissions[i].shift;
    text_add(to, limits_permissions[i].label);
    for (unsigned deed = 0; deed < sizeof deeds / sizeof *deeds; deed++) {
      text_add(to, denied >> deed & 1 ? "DENY_" : "ALLOW_");
      text_add(to, deeds[deed]);
      text_addc(to, deed + 1 < sizeof deeds / sizeof *deeds ? ' ' : '\n');
    }
  }
}

void limits_show(stralloc *to, char const *domain, struct vlimits const *limits)
{
  text_add(to, "Domain: ");
  text_add(to, domain);
  text_add(to, "\n--\n");
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    add_line(to, counts[i].label, limits->value[counts[i].which], counts[i].unit);
  add_flags(to, limits->flags);
  add_permissions(to, limits);
  for (size_t i = 0; i < sizeof quotas / sizeof *quotas; i++)
    add_line(to, quotas[i].label, limits->value[quotas[i].which], quotas[i].unit);
}

static void add_json(stralloc *to, char const *s)
{
  if (!json_text(to, s, strlen(s))) die_nomem();
}

void limits_show_json(stralloc *to, char const *domain, struct vlimits const *limits)
{
  char const *before = "";
  text_add(to, "{\"domain\":");
  add_json(to, domain);
  for (enum vlimit i = 0; i < VLIMITS; i++) {
    text_addc(to, ',');
    add_json(to, vlimits_key(i));
    text_addc(to, ':');
    add_number(to, limits->value[i]);
  }
  text_add(to, ",\"flags\":[");
  for (struct vflag const *f = vflags; f->bit; f++) {
    if (!(limits->flags & f->bit) || !f->word) continue;
    text_add(to, before);
    add_json(to, f->word);
    before = ",";
  }
  text_add(to, "]}\n");
}
