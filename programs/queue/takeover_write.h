/* takeover_write: the new file of an old message.

   Both end the program with 111 when the system fails them. */

#ifndef MAILTREE_TAKEOVER_WRITE_H
#define MAILTREE_TAKEOVER_WRITE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "route.h"
#include "takeover_find.h"

/* What an old message's state files say of it. */
struct birth {
  uint64_t born;
  uint64_t due[CHANNELS];
  stralloc envelope;
};
#define BIRTH_ZERO { .envelope = STRALLOC_ZERO }

/* Reads todo, else info, local and remote. The message file tells who handed it in. False when they are damaged. */
bool birth_read(struct birth *b, struct old_message const *m, char const *mess_path,
                struct route_table *routes);

/* Makes the new file durable under the number; until then, whatever has its name keeps it. */
void birth_write(struct birth const *b, uint64_t id, char const *mess_path);

#endif
