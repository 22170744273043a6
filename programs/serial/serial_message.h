/* serial_message: a message of the Maildir that is the working directory, on its way to another host. */

#ifndef MAILTREE_SERIAL_MESSAGE_H
#define MAILTREE_SERIAL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "serial_head.h"

struct serial_message {
  int fd;
  uint64_t size;                    /* bytes of the file */
  struct serial_head head;          /* lies in start */
  size_t start_len;
  char start[SERIAL_HEAD_MAX];
  stralloc sender, recipient;       /* without quotes */
};
#define SERIAL_MESSAGE_ZERO { .fd = -1 }

enum serial_opened {
  SERIAL_OPENED,
  SERIAL_NOT_OURS,                  /* without the two lines, or for somebody else */
  SERIAL_UNREADABLE                 /* errno */
};

/* Closes what was open before. */
enum serial_opened serial_message_open(struct serial_message *m, char const *name, char const *prefix);
void serial_message_close(struct serial_message *m);

/* Bytes of the message proper. */
static inline uint64_t serial_message_len(struct serial_message const *m) { return m->size - m->head.len; }

/* As much of it as is there from here on, in a place of its own; 0 at the end, -1 with errno. It ends where the file ended
   when it was opened; EIO when that is not there any more. */
ssize_t serial_message_next(struct serial_message const *m, uint64_t *at, char const **piece);

struct serial_facts { uint64_t wire; bool eight_bit; };      /* how long it is at most with CR LF; whether it has bytes above 127 */

/* Looks at all of it. False with errno. */
bool serial_message_look(struct serial_message const *m, struct serial_facts *facts);

#endif
