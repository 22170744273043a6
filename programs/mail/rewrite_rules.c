#include <stdlib.h>

#include "address.h"
#include "control.h"
#include "nameset.h"
#include "rewrite_rules.h"
#include "text.h"

void rewrite_setting(stralloc *to, char const *variable, char const *file)
{
  struct control const one[] = { { file, CONTROL_LINE, to, CONTROL_ME }, { 0 } };
  char const *value = getenv(variable);
  if (value) text_set(to, value);
  else control_load_or_die(one);
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
