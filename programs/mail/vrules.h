/* vrules: how a virtual domain wants its mail delivered, from DOMAIN/.delivery, and where that says nothing from
   etc/delivery of vpopmail. Lines of a word and its value; '#' begins a comment. Pure.

     extensions yes     user-anything@domain is user's where nobody else has it; no: it is nobody's
     overquota 3        mail for a full mailbox is tried again so many days, and then returned; 0: at once  */

#ifndef MAILTREE_VRULES_H
#define MAILTREE_VRULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRULES_OF_DOMAIN ".delivery"
#define VRULES_OF_SITE "delivery"          /* in etc below the home of vpopmail */

enum {
  VRULES_MAX = 65536,               /* bytes of the file */
  VRULES_OVERQUOTA = 3,             /* where nobody says anything */
  VRULES_OVERQUOTA_MAX = 365
};

struct vrules {
  bool extensions;
  uint32_t overquota;               /* days */
};
#define VRULES_ZERO { false, VRULES_OVERQUOTA }

/* Reads a whole file over what is there. 0, or the number of the first line that says nothing that is known. */
size_t vrules_parse(struct vrules *rules, char const *s, size_t len);

#endif
