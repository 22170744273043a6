#include <string.h>

#include "maild_show.h"
#include "text.h"
#include "vflags.h"

static struct { uint32_t bit; char const *name; } const flags[] = {
  { VFLAG_NO_PASSWD_CHNG, "no_password_change" },
  { VFLAG_NO_POP, "no_pop" },
  { VFLAG_NO_WEBMAIL, "no_webmail" },
  { VFLAG_NO_IMAP, "no_imap" },
  { VFLAG_BOUNCE_MAIL, "bounce_mail" },
  { VFLAG_NO_RELAY, "no_relay" },
  { VFLAG_NO_DIALUP, "no_dialup" },
  { VFLAG_USER0, "user_flag_0" },
  { VFLAG_USER1, "user_flag_1" },
  { VFLAG_USER2, "user_flag_2" },
  { VFLAG_USER3, "user_flag_3" },
  { VFLAG_NO_SMTP, "no_smtp" },
  { VFLAG_ADMIN, "domain_admin_privileges" },
  { VFLAG_OVERRIDE, "override_domain_limits" },
  { VFLAG_NO_SPAMASSASSIN, "no_spamassassin" },
  { VFLAG_DELETE_SPAM, "delete_spam" },
  { VFLAG_SYSTEM_ADMIN, "system_admin_privileges" },
  { VFLAG_SYSTEM_EXPERT, "system_expert_privileges" },
  { VFLAG_NO_MAILDROP, "no_maildrop" }
};
enum { FLAGS = sizeof flags / sizeof *flags };

uint32_t maild_show_flag(char const *name)
{
  for (int i = 0; i < FLAGS; i++)
    if (strcmp(flags[i].name, name) == 0) return flags[i].bit;
  return 0;
}

void maild_show_text(stralloc *to, char const *word, struct field value)
{
  text_add(to, word);
  text_addc(to, ' ');
  text_addb(to, value.s, value.len);
  text_addc(to, '\n');
}

void maild_show_number(stralloc *to, char const *word, uint64_t value)
{
  text_add(to, word);
  text_addc(to, ' ');
  text_addu(to, value);
  text_addc(to, '\n');
}

void maild_show_user(stralloc *to, struct vpasswd const *record, char const *domain, bool compact, bool with_hash)
{
  maild_show_text(to, "name", record->name);
  maild_show_text(to, "domain", field_of(domain));
  maild_show_text(to, "comment", record->comment);
  maild_show_text(to, "quota", record->quota);
  maild_show_text(to, "user_dir", record->dir);
  if (with_hash) maild_show_text(to, "encrypted_password", record->hash);
  if (compact) maild_show_number(to, "gidflags", record->flags);
  for (int i = 0; !compact && i < FLAGS; i++) maild_show_number(to, flags[i].name, (record->flags & flags[i].bit) != 0);
}
