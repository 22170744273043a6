#include <string.h>

#include "vchange.h"

/* ADDRESS is one of a user, DOMAIN, ALIAS, NAME and IP are what they say. */
struct vchange const vchanges[] = {
  { "add_domain", "vadddomain DOMAIN", VCHANGE_SYSTEM, VCHANGE_NEW, "add_domain", "new domain", "vdeldomain DOMAIN" },
  { "add_alias_domain", "vaddaliasdomain DOMAIN ALIAS", VCHANGE_SYSTEM, VCHANGE_NEW, "add_alias_domain", "new alias domain",
    "vdeldomain ALIAS" },
  { "del_domain", "vdeldomain DOMAIN", VCHANGE_SYSTEM, VCHANGE_DOMAIN, "del_domain", "no longer a domain", 0 },
  { "del_alias_domain", "vdeldomain ALIAS", VCHANGE_SYSTEM, VCHANGE_DOMAIN, "del_domain", "no longer an alias domain",
    "vaddaliasdomain DOMAIN ALIAS" },
  { "move_domain", "vmovedomain DOMAIN", VCHANGE_SYSTEM, VCHANGE_DOMAIN, 0, "other place or owner of", "vmovedomain DOMAIN" },
  { "set_limits", "vmoddomlimits DOMAIN", VCHANGE_SYSTEM, VCHANGE_DOMAIN, 0, "other limits of", "vmoddomlimits DOMAIN" },
  { "del_limits", "vmoddomlimits -D DOMAIN", VCHANGE_SYSTEM, VCHANGE_DOMAIN, 0, "no limits of", "vmoddomlimits DOMAIN" },
  { "set_site_limits", "vmoddomlimits -d", VCHANGE_SYSTEM, VCHANGE_NEW, 0, "other limits of the site", "vmoddomlimits -d" },
  { "add_ip_map", "vipmap -a IP DOMAIN", VCHANGE_SYSTEM, VCHANGE_HOST, 0, "domain of the address", "vipmap -d IP DOMAIN" },
  { "del_ip_map", "vipmap -d IP DOMAIN", VCHANGE_SYSTEM, VCHANGE_HOST, 0, "no longer domain of the address", "vipmap -a IP DOMAIN" },
  { "add_user", "vadduser ADDRESS", VCHANGE_ADMIN, VCHANGE_ADDRESS, "add_user", "new user", "vdeluser ADDRESS" },
  { "add_users", "vadduser -f FILE", VCHANGE_ADMIN, VCHANGE_DOMAIN, "add_user", "new users of", "vdeluser ADDRESS" },
  { "del_user", "vdeluser ADDRESS", VCHANGE_ADMIN, VCHANGE_ADDRESS, "del_user", "no longer a user", 0 },
  { "rename_user", "vrenameuser ADDRESS NAME", VCHANGE_ADMIN, VCHANGE_ADDRESS, 0, "other name of", "vrenameuser ADDRESS NAME" },
  { "mod_user", "vmoduser ADDRESS", VCHANGE_USER, VCHANGE_EITHER, "mod_user", "other record of", "vmoduser ADDRESS" },
  { "set_host", "vmoduser -H HOST ADDRESS", VCHANGE_SYSTEM, VCHANGE_EITHER, "mod_user", "other host of", "vmoduser -H HOST ADDRESS" },
  { "set_password", "vpasswd ADDRESS", VCHANGE_USER, VCHANGE_ADDRESS, "mod_user", "new password of", "vpasswd ADDRESS" },
  { "add_app_password", "vapppassword -a NAME ADDRESS", VCHANGE_USER, VCHANGE_ADDRESS, 0, "new app password of",
    "vapppassword -d NAME ADDRESS" },
  { "del_app_password", "vapppassword -d NAME ADDRESS", VCHANGE_USER, VCHANGE_ADDRESS, 0, "no longer an app password of",
    "vapppassword -a NAME ADDRESS" },
  { "set_quota", "vsetuserquota ADDRESS QUOTA", VCHANGE_ADMIN, VCHANGE_EITHER, "mod_user", "other quota of",
    "vsetuserquota ADDRESS QUOTA" },
  { "import", "vimport FILE DOMAIN", VCHANGE_ADMIN, VCHANGE_DOMAIN, "mod_user", "users and aliases taken in by", 0 },
  { "valias_insert", "valias -i LINE ADDRESS", VCHANGE_ADMIN, VCHANGE_ADDRESS, "valias_insert", "new line of alias",
    "valias -d ADDRESS" },
  { "valias_delete", "valias -d ADDRESS", VCHANGE_ADMIN, VCHANGE_ADDRESS, "valias_delete", "no longer an alias",
    "valias -i LINE ADDRESS" },
  { 0 }
};

struct vchange const *vchange_find(struct field name)
{
  for (struct vchange const *v = vchanges; v->name; v++)
    if (strlen(v->name) == name.len && memcmp(v->name, name.s, name.len) == 0) return v;
  return 0;
}
