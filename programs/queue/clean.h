/* clean: what qmail-send asks of qmail-clean. qmail-send may read the queue files, only qmail-clean may change them.

   A request is a text ended by NUL, at most CLEAN_REQUEST_MAX bytes with it; numbers are decimal:

     foop/N            end the message: remove mess/S/N, or keep the file for another one; done as well when there is no such file
     done/N/OFFSET     overwrite the T at OFFSET of the envelope by D
     due/N/C/TIME/BIRTH   the next attempt of channel C ("l" local, "r" remote) is at TIME, Unix seconds; the message
                          was born at BIRTH by the clock as it goes now
     lame/N            mess/S/N is damaged: move it to corrupt/N
     hold/N            put the message on hold
     free/N            take it off hold
     sync/N            make the changes so far durable
     drop/N               remove mess/S/N if it is a spare file that nobody has (queue_spare.h)
     trig/1            make lock/trigger anew: it is gone, or no FIFO. The number counts for nothing

   To each request, in their order, belongs one byte of answer. The asker does not wait for it before the next
   request; qmail-clean carries out requests strictly one after the other. */

#ifndef MAILTREE_CLEAN_H
#define MAILTREE_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "route.h"

enum { CLEAN_REQUEST_MAX = 100 };

enum clean_deed { CLEAN_REMOVE, CLEAN_MARK_DONE, CLEAN_SET_DUE, CLEAN_MOVE_ASIDE, CLEAN_HOLD, CLEAN_RELEASE, CLEAN_SYNC, CLEAN_TRIGGER, CLEAN_DROP,
                  CLEAN_DEEDS };

enum clean_answer {
  CLEAN_OK = '+',
  CLEAN_FAILED = '!',       /* the system would not; qmail-clean has told why on its standard error */
  CLEAN_MALFORMED = 'x'
};

struct clean_request {
  enum clean_deed deed;
  uint64_t id;
  uint64_t offset;          /* CLEAN_MARK_DONE */
  enum channel channel;     /* CLEAN_SET_DUE */
  uint64_t when, birth;     /* CLEAN_SET_DUE */
};

/* Appends the request with its NUL. */
void clean_pack(stralloc *to, struct clean_request const *r);

/* Reads a request of len bytes, its NUL not counted. False when it is malformed. */
bool clean_unpack(struct clean_request *r, char const *s, size_t len);

#endif
