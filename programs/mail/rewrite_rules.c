#include <stdlib.h>

#include <skalibs/strerr.h>

#include "address.h"
#include "control.h"
#include "nameset.h"
#include "rewrite_rules.h"
#include "text.h"

/* What control/me says, which several files mean by their absence; a host without it is called as the file is. */
static void set_me(stralloc *to, char const *file)
{
  static stralloc me = STRALLOC_ZERO;
  static int there = -1;
  if (there == -1) there = control_line(&me, "me");
  if (there == -1) strerr_diefusys(111, "read ", "control/me");
  if (there) text_setb(to, me.s, me.len);
  else text_set(to, file);
}

void rewrite_setting(stralloc *to, char const *variable, char const *file)
{
  char const *value = getenv(variable);
  if (value) {
    text_set(to, value);
    return;
  }
  int r = control_line(to, file);
  if (r == -1) strerr_diefusys(111, "read ", "control/", file);
  if (r == 0) set_me(to, file);
}

/* joe@localhost, or any name that was put there without a dot, has its mail delivered here. Completed it would be
   another host's, or nobody's. */
static bool is_delivered_here(stralloc const *address)
{
  static struct nameset locals = NAMESET_ZERO, virtualdomains = NAMESET_ZERO;
  static struct control const ours[] = {
    { "locals",         CONTROL_NAMES, &locals,         CONTROL_ME },
    { "virtualdomains", CONTROL_MAP,   &virtualdomains, 0 },
    { 0 }
  };
  static bool known = false;
  if (!known) control_load_or_die(ours);
  known = true;
  size_t at = address_at(address->s, address->len);
  char const *host = address->s + at + 1;
  size_t len = address->len - at - 1;
  return nameset_has(&locals, host, len) || nameset_has(&virtualdomains, host, len) ||
         nameset_has(&virtualdomains, address->s, address->len);
}

void rewrite_rules_load(struct rewrite_rules *rules)
{
  rewrite_setting(&rules->host, "QMAILDEFAULTHOST", "defaulthost");
  rewrite_setting(&rules->domain, "QMAILDEFAULTDOMAIN", "defaultdomain");
  rewrite_setting(&rules->plus, "QMAILPLUSDOMAIN", "plusdomain");
  rules->is_ours = is_delivered_here;
}
