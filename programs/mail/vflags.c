#include <string.h>
#include <strings.h>

#include "vflags.h"

struct vflag const vflags[] = {
  { VFLAG_NO_PASSWD_CHNG, 'd', 'd', "disable_password_changing", "NO_PASSWD_CHNG",
    "password can not be changed by user" },
  { VFLAG_NO_POP, 'p', 'p', "disable_pop", "NO_POP", "pop access closed" },
  { VFLAG_NO_WEBMAIL, 'w', 'w', "disable_webmail", "NO_WEBMAIL", "webmail access closed" },
  { VFLAG_NO_IMAP, 'i', 'i', "disable_imap", "NO_IMAP", "imap access closed" },
  { VFLAG_BOUNCE_MAIL, 'b', 0, 0, "BOUNCE_MAIL", "mail will be bounced back to sender" },
  { VFLAG_NO_RELAY, 'r', 'r', "disable_external_relay", "NO_RELAY", "user not allowed to relay mail" },
  { VFLAG_NO_DIALUP, 'u', 'u', "disable_dialup", "NO_DIALUP", "no dialup flag has been set" },
  { VFLAG_USER0, '0', 0, 0, "V_USER0", "user flag 0 is set" },
  { VFLAG_USER1, '1', 0, 0, "V_USER1", "user flag 1 is set" },
  { VFLAG_USER2, '2', 0, 0, "V_USER2", "user flag 2 is set" },
  { VFLAG_USER3, '3', 0, 0, "V_USER3", "user flag 3 is set" },
  { VFLAG_NO_SMTP, 's', 's', "disable_smtp", "NO_SMTP", "smtp access is closed" },
  { VFLAG_ADMIN, 'a', 0, 0, "QA_ADMIN", "has domain administrator access" },
  { VFLAG_OVERRIDE, 'o', 0, 0, "V_OVERRIDE", "domain limits do not apply" },
  { VFLAG_NO_SPAMASSASSIN, 'f', 'c', "disable_spamassassin", "NO_SPAMASSASSIN", "spamassassin processing disabled" },
  { VFLAG_DELETE_SPAM, 'F', 'x', "delete_spam", "DELETE_SPAM", "delete spam" },
  { VFLAG_SYSTEM_ADMIN, 'S', 0, 0, "SA_ADMIN", "has system administrator access" },
  { VFLAG_SYSTEM_EXPERT, 'E', 0, 0, "SA_EXPERT", "has expert access" },
  { VFLAG_NO_MAILDROP, 'm', 'm', "disable_maildrop", "NO_MAILDROP", "maildrop processing disabled" },
  { 0 }
};

uint32_t vflags_of_user_letter(char letter)
{
  for (struct vflag const *f = vflags; f->bit; f++)
    if (f->user_letter == letter) return f->bit;
  return 0;
}

uint32_t vflags_of_domain_letter(char letter)
{
  for (struct vflag const *f = vflags; f->bit; f++)
    if (f->domain_letter && f->domain_letter == letter) return f->bit;
  return 0;
}

uint32_t vflags_of_word(char const *word, size_t len)
{
  for (struct vflag const *f = vflags; f->bit; f++)
    if (f->word && strlen(f->word) == len && !strncasecmp(f->word, word, len)) return f->bit;
  return 0;
}

uint32_t vflags_effective(uint32_t own, uint32_t domain)
{
  return own & VFLAG_OVERRIDE ? own : own | domain;
}
