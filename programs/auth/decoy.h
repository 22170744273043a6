/* decoy: the salt of who has none. A client of SCRAM is told one before he proves anything, and shall not learn from it who is
   here: it is the same each time for the same name, and looks like any other. */

#ifndef MAILTREE_AUTH_DECOY_H
#define MAILTREE_AUTH_DECOY_H

#include "fields.h"

/* At the start, as root: reads the key of them all, or makes one, which stays when the service starts again. Ends the program
   with 111 and one line when that fails. */
void decoy_make(void);

/* In base64; good until the next one. */
struct field decoy_salt(struct field login);

#endif
