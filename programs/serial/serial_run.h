/* serial_run: one run of a client (serialsmtp and its kin): it gets names and says what became of them. */

#ifndef MAILTREE_SERIAL_RUN_H
#define MAILTREE_SERIAL_RUN_H

#include <skalibs/stralloc.h>

#include "serial_result.h"

enum serial_run_end {
  SERIAL_RUN_EXITED,        /* its exit code is in *code */
  SERIAL_RUN_CRASHED,
  SERIAL_RUN_FAILED,        /* it could not be started, or spoken to: errno */
  SERIAL_RUN_SENSELESS      /* it says what is no result; it was killed */
};

/* names: each with its NUL. What the client says is handed on as it comes. The caller ignores SIGPIPE. */
enum serial_run_end serial_run(char const *const *argv, stralloc const *names, void (*heard)(struct serial_result const *),
                               int *code);

#endif
