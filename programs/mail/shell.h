/* shell: run a command of a .qmail file, as /bin/sh does. dot-qmail(5). */

#ifndef MAILTREE_SHELL_H
#define MAILTREE_SHELL_H

#include <skalibs/stralloc.h>

enum shell_verdict {
  SHELL_DONE,
  SHELL_ENOUGH,         /* 99: the rest of the file is to be skipped */
  SHELL_REFUSED,        /* 100 and its kin: it will never be */
  SHELL_LATER,          /* any other exit code */
  SHELL_CRASHED,        /* killed by a signal, or nobody knows */
  SHELL_NOT_STARTED     /* errno */
};

struct shell_command {
  char const *text;
  char const *directory;              /* where it runs; null: here */
  stralloc const *environment;        /* "NAME=VALUE" NUL ... */
  void (*prepare)(void);              /* called in the child before it becomes the command, async-signal-safe; or null */
};

/* Descriptors 0, 1 and 2 are the command's, the message on 0 from its first byte on. */
enum shell_verdict shell_run(struct shell_command const *command);

#endif
