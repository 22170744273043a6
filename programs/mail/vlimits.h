/* vlimits: what a virtual domain may have, from DOMAIN/.qmailadmin-limits or etc/vlimits.default of vpopmail: lines of
   a key and a number, and bare words that are flags of every user. virtual-domains(7). */

#ifndef MAILTREE_VLIMITS_H
#define MAILTREE_VLIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

enum vlimit {
  /* how many of each; -1 any number, 0 none */
  VLIMIT_MAXPOPACCOUNTS, VLIMIT_MAXALIASES, VLIMIT_MAXFORWARDS, VLIMIT_MAXAUTORESPONDERS, VLIMIT_MAXMAILINGLISTS,
  /* the domain's megabytes and messages, a new user's bytes and messages; -1 and 0 any number */
  VLIMIT_QUOTA, VLIMIT_MAXMSGCOUNT, VLIMIT_DEFAULT_QUOTA, VLIMIT_DEFAULT_MAXMSGCOUNT,
  /* what an administrator other than postmaster may not do, a sum of VLIMIT_NO_ ones; of lists besides the same times 8
     with subscribers and times 64 with moderators */
  VLIMIT_PERM_ACCOUNT, VLIMIT_PERM_ALIAS, VLIMIT_PERM_FORWARD, VLIMIT_PERM_AUTORESPONDER, VLIMIT_PERM_MAILLIST,
  VLIMIT_PERM_QUOTA, VLIMIT_PERM_DEFAULTQUOTA,
  VLIMITS
};

enum { VLIMIT_NO_CREATE = 1, VLIMIT_NO_MODIFY = 2, VLIMIT_NO_DELETE = 4, VLIMIT_NO_ALL = 7 };

struct vlimits {
  int64_t value[VLIMITS];
  bool set[VLIMITS];            /* value is what no file says, otherwise */
  uint32_t flags;               /* those that stand in .qmailadmin-limits as words: vflags.h */
  bool flags_set;
};

/* Where a text cannot be understood, and why, in words that follow the key. */
struct vlimits_slip {
  size_t line;
  char const *key, *reason;
};

/* What holds where no file says anything. */
void vlimits_nothing(struct vlimits *limits);

/* The key as it is written. */
char const *vlimits_key(enum vlimit which);

/* Reads a whole file into limits. Unknown keys and words mean nothing; of a key that comes twice the last counts. False
   when a known key has no number or one that cannot be meant. */
bool vlimits_parse(struct vlimits *limits, struct vlimits_slip *slip, char const *s, size_t len);

/* What over sets replaces what limits has; its flags all of them. */
void vlimits_merge(struct vlimits *limits, struct vlimits const *over);

/* Appends the text s again so that it says what is set in limits, and no other limit. Comments, unknown lines and lines
   that are right stay as they are; what is new comes last. 0 without memory, and to is as it was. */
int vlimits_format(stralloc *to, char const *s, size_t len, struct vlimits const *limits);

#endif
