/* batch: mail as SMTP commands that nobody answers (RFC 2442), handed to a program on its descriptor 0. */

#ifndef MAILTREE_BATCH_H
#define MAILTREE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "smtp_body.h"

struct batch {
  pid_t pid;
  int fd;
  bool failed;                /* the program reads no more */
  enum smtp_body_state at;
  size_t used;
  char buffer[65536];
};

/* Starts the program and says HELO. False with errno. The caller ignores SIGPIPE. */
bool batch_start(struct batch *b, char const *const *argv, char const *helohost);

/* A message: its envelope, addresses without quotes, which SMTP can say; its text in pieces; its end. */
bool batch_is_sayable(stralloc const *sender, stralloc const *recipient);
void batch_envelope(struct batch *b, stralloc const *sender, stralloc const *recipient);
void batch_text(struct batch *b, char const *s, size_t len);
void batch_text_end(struct batch *b);

enum { BATCH_CRASHED = -1 };

/* QUIT, and the program's exit code. When a text could not be given whole the program is killed: it must not take the batch
   for a whole one. */
int batch_end(struct batch *b, bool whole);

#endif
