/* recent: which users have been changed since the snapshot was begun: what that says of them is believed no more. The processes
   of a helper share it, in a memory of fixed size: after more changes than that holds, all have been changed. A file beside the
   snapshot tells it to the helper's next start. */

#ifndef MAILTREE_SQLSTORE_RECENT_H
#define MAILTREE_SQLSTORE_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"

enum { RECENT_MAX = 4096, RECENT_WORKERS = 16 };

/* From now on children share what is known. False without memory. */
bool recent_share(void);

/* What the file says is known, and it is kept there from now on. False with errno. */
bool recent_keep(char const *path);

/* Around changes of this worker, until which what is added is not forgotten; the end alone is for one who is new. */
void recent_begin(size_t worker);
void recent_end(size_t worker);

/* Before he is changed. A name of length 0 is everybody. */
void recent_add(struct field domain, struct field name);

bool recent_has(struct field domain, struct field name);

/* Who takes note of now, and afterwards has read all users, forgets what was before. */
uint64_t recent_now(void);
void recent_forget(uint64_t before);
bool recent_is_empty(void);

#endif
