/* verb_wire: what qmail-qctl asks of the running qmail-send, on the socket lock/control/socket.

   A request is seven texts, each ended by NUL, VERB_REQUEST_MAX bytes at most; numbers are decimal:

     verb         as in verb_words
     number       of the message
     fingerprint  of its file: a message that has got the number meanwhile is left alone
     recipient    pattern, domain pattern: the recipients that are meant; empty for all (verb_choice.h)
     text         bounce: why; redirect: the new recipient; else empty
     qp           redirect: of the copy; else 0

   The answer is one text ended by NUL: a letter, how many recipients it is about, how many more are under way; behind a
   further blank may stand the domain whose rate it is that makes the message wait.
   The next request comes after the answer. */

#ifndef MAILTREE_VERB_WIRE_H
#define MAILTREE_VERB_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "verb_choice.h"

enum { VERB_REQUEST_MAX = 4096, VERB_RATE_MAX = 255, VERB_ANSWER_MAX = 64 + VERB_RATE_MAX };

enum verb {
  VERB_HOLD,
  VERB_RELEASE,
  VERB_REQUEUE,
  VERB_DELETE,        /* the recipients are done */
  VERB_BOUNCE,        /* the recipients have failed */
  VERB_CLAIM,         /* none of them is tried until the asker's next request, or his end */
  VERB_REDIRECT,      /* the recipients are done: somebody else gets the copy that was queued */
  VERB_RELOAD,        /* about no message, so that its number is any: control files are read again */
  VERB_LOOK,          /* nothing changes: how many seconds until it is tried stand in place of the recipients */
  VERBS
};

extern char const *const verb_words[VERBS];

struct verb_request {
  enum verb verb;
  uint64_t id;
  uint32_t fingerprint;
  struct verb_choice choice;
  char const *text;
  uint64_t qp;
};

enum verb_result {
  VERB_DONE = 'K',
  VERB_GONE = 'G',        /* no such message, or it is about to end */
  VERB_HELD = 'H',        /* not while it is on hold */
  VERB_BUSY = 'B',        /* somebody else is at work on it */
  VERB_FAILED = 'Z'       /* trouble of the machine; the log tells more */
};

struct verb_answer {
  enum verb_result result;
  uint64_t recipients;
  uint64_t under_way;
  char rate[VERB_RATE_MAX + 1];       /* of that domain; empty: it is for something else that it waits */
};

/* Appends the request. 1; 0 without memory, or, with errno EMSGSIZE, when it would be too long. */
int verb_request_pack(stralloc *to, struct verb_request const *r);

/* Reads a request from the front of s; its texts stay where they are. The bytes it takes, 0 when it is not complete,
   -1 when it is none. */
long verb_request_unpack(struct verb_request *r, char const *s, size_t len);

/* Writes the answer with its NUL. The bytes it takes. */
size_t verb_answer_pack(char to[VERB_ANSWER_MAX], struct verb_answer const *a);
long verb_answer_unpack(struct verb_answer *a, char const *s, size_t len);

#endif
