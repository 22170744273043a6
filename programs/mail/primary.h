/* primary: whether an address is known to who gets the mail of its domain in the end, for a host that only takes it on its way there (a
   backup MX). Two control files say how that is found out:

     control/primary        DOMAIN:HOST, who is asked; DOMAIN: for where its mail goes to; DOMAIN:list for nobody
     control/validrcptto    addresses that are known without a question, and @DOMAIN for all of one

   Who asks, and remembers what was said, is the service qmail-primaryd. It hears an address and a line end on HOME/run/primary/socket, or
   @DOMAIN for how it is with that, and says one byte. */

#ifndef MAILTREE_PRIMARY_H
#define MAILTREE_PRIMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

#define PRIMARY_SOCKET "run/primary/socket"
#define PRIMARY_LIST "list"             /* in place of a host */

enum { PRIMARY_ADDRESS_MAX = 512 };     /* bytes of an address that can be asked about */

enum primary_said {
  PRIMARY_KNOWN = 'K',          /* of a domain: who is not there is refused */
  PRIMARY_NOBODY = 'N',         /* of a domain: everybody is refused, even postmaster */
  PRIMARY_EVERYBODY = 'E',      /* of its domain nobody is refused, whoever that may be */
  PRIMARY_NO_HOST = 'H',        /* there is nobody to ask */
  PRIMARY_UNTOLD = 'T'          /* nobody can tell now */
};

/* Whether it can be asked about: visible ASCII, or blanks within quotes, on both sides of an @ or, of a domain, behind it. Pure. */
bool primary_is_name(struct field address);

/* What the service says within so many milliseconds; PRIMARY_UNTOLD with errno when it could not be asked, and 0 when it
   said so. Working directory HOME. */
enum primary_said primary_ask(struct field address, unsigned ms);

#endif
