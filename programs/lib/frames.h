/* frames: what a peer says, one frame behind another, as it comes through a socket.

     static long unpack(void *frame, char const *s, size_t len) { return some_frame_unpack(frame, s, len); }
     static char space[2 * SOME_FRAME_MAX];
     struct frames in = { .unpack = unpack, .bytes = space, .size = sizeof space };
     while (frames_next(&in, &frame, fd, deadline)) ...

   No more than .size bytes are ever held, whatever is sent. */

#ifndef MAILTREE_FRAMES_H
#define MAILTREE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads what begins at s: how many bytes it has; 0: there is more to come; -1: it is none, and none can become of it. */
typedef long frames_unpack(void *frame, char const *s, size_t len);

struct frames {
  frames_unpack *unpack;
  char *bytes;                  /* whose they are; room for the longest frame, for two where reads shall be few */
  size_t size;
  size_t at, len;               /* of what has come: what has been taken of it, and all of it */
};

enum { FRAMES_NO_DEADLINE = -1 };

/* The next of what has come, which lies in bytes until the next call: as unpack says. Where there is none, what is there of one has been
   moved to the beginning of bytes. */
long frames_take(struct frames *f, void *frame);

/* The next one, for which it waits until the deadline in terms of monotonic_ms. False: he is gone, it is late, or what comes is none. */
bool frames_next(struct frames *f, void *frame, int fd, int64_t deadline);

#endif
