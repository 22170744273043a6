/* remote_proven: servers that have proven by a certificate who they are, by their names, so that the log tells when such a one gets its
   mail in plain text after all: somebody in between could have taken its offer of TLS away.

   queue/lock/tlsproven has PROVEN_RECORDS places of PROVEN_RECORD bytes. A name's is the one that the first four bytes of its SHA-256 say,
   as a little-endian number, modulo their number:

     0-7    the next eight bytes of the SHA-256
     8-15   when it was proven last, Unix seconds, little-endian

   Who comes to the place of another one takes it. There is no lock: a record is read and written at once, and a lost one is a lost hint.
   Without the file nothing is remembered; it begins empty. The working directory is HOME. */

#ifndef MAILTREE_REMOTE_PROVEN_H
#define MAILTREE_REMOTE_PROVEN_H

#include <stdbool.h>
#include <stdint.h>

#include "queue_path.h"

enum {
  PROVEN_RECORDS = 4096,
  PROVEN_RECORD = 16,
  PROVEN_SAME = 3600,           /* seconds in which it is not noted once more */
  PROVEN_DAYS = 30              /* for which it is remembered */
};

#define PROVEN_FILE "queue/" QUEUE_TLS_PROVEN

/* The server, whose name may be in any case, is proven now. One without a name is not noted. */
void proven_note(char const *server);

/* How many seconds ago it was last; false when that is not known, or too long ago. */
bool proven_before(char const *server, uint64_t *seconds);

#endif
