/* vflags: what a user of a virtual domain may not do, and two or three things he may: the bits of the fourth field of
   vpasswd, of a domain's limits, and the letters and words that mean them. virtual-domains(7). */

#ifndef MAILTREE_VFLAGS_H
#define MAILTREE_VFLAGS_H

#include <stddef.h>
#include <stdint.h>

enum {
  VFLAG_NO_PASSWD_CHNG = 0x01,
  VFLAG_NO_POP = 0x02,
  VFLAG_NO_WEBMAIL = 0x04,
  VFLAG_NO_IMAP = 0x08,
  VFLAG_BOUNCE_MAIL = 0x10,
  VFLAG_NO_RELAY = 0x20,
  VFLAG_NO_DIALUP = 0x40,
  VFLAG_USER0 = 0x80,
  VFLAG_USER1 = 0x100,
  VFLAG_USER2 = 0x200,
  VFLAG_USER3 = 0x400,
  VFLAG_NO_SMTP = 0x800,
  VFLAG_ADMIN = 0x1000,
  VFLAG_OVERRIDE = 0x2000,
  VFLAG_NO_SPAMASSASSIN = 0x4000,
  VFLAG_DELETE_SPAM = 0x8000,
  VFLAG_SYSTEM_ADMIN = 0x10000,
  VFLAG_SYSTEM_EXPERT = 0x20000,
  VFLAG_NO_MAILDROP = 0x40000
};

struct vflag {
  uint32_t bit;             /* 0 ends the table */
  char user_letter;         /* option of vmoduser */
  char domain_letter;       /* in the argument of vmoddomlimits -g; 0: no domain has it */
  char const *word;         /* in .qmailadmin-limits; null where domain_letter is 0 */
  char const *name;
  char const *sentence;     /* of vuserinfo */
};

/* In the order of the bits. */
extern struct vflag const vflags[];

/* The bit; 0 when there is none. Words may be written in any case. */
uint32_t vflags_of_user_letter(char letter);
uint32_t vflags_of_domain_letter(char letter);
uint32_t vflags_of_word(char const *word, size_t len);

/* What counts for a user: his own bits and those of the domain, but only his own when he has VFLAG_OVERRIDE. */
uint32_t vflags_effective(uint32_t own, uint32_t domain);

#endif
