/* notify: of what the sender of a message wishes to be told, for a recipient (RFC 3461 4.1). */

#ifndef MAILTREE_NOTIFY_H
#define MAILTREE_NOTIFY_H

#include <stddef.h>

enum notify { NOTIFY_NEVER = 1, NOTIFY_SUCCESS = 2, NOTIFY_FAILURE = 4, NOTIFY_DELAY = 8 };

enum { NOTIFY_TEXT = sizeof "SUCCESS,FAILURE,DELAY" };

/* NEVER, or a list of the others with commas, in any case: bits of enum notify; 0 when it is neither. Each may be there
   more than once. */
unsigned notify_scan(char const *s, size_t len);

/* The same in upper case, each once; its length. The bits are not 0. */
size_t notify_format(char to[NOTIFY_TEXT], unsigned wishes);

#endif
