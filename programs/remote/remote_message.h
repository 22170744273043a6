/* remote_message: the message on descriptor 0, read once or, where it can be, twice: first to know what to
   announce. */

#ifndef MAILTREE_REMOTE_MESSAGE_H
#define MAILTREE_REMOTE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct message {
  int fd;
  bool seekable;
  off_t begin;
  uint64_t size;        /* bytes on the wire at most, without doubled dots; 0 when not seekable */
  bool eight_bit;       /* has bytes above 127; true when that cannot be known */
  bool long_lines;      /* has lines that are longer than SMTP allows; false when that cannot be known */
  size_t line;          /* bytes of the line so far */
};

/* Looks the message through if it is in a file. False with errno when it cannot be read. */
bool message_examine(struct message *m, int fd);

/* Back to its begin. False with errno, also when it cannot be read again. */
bool message_rewind(struct message const *m);

/* The first bytes of a message that is in a file, wherever it has been read to. */
ssize_t message_head(struct message const *m, char *to, size_t max);

/* As read(2), but not interrupted. */
ssize_t message_read(struct message const *m, char *to, size_t max);

#endif
