#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "line_message.h"
#include "queue_client.h"

char const *line_variable(char const *name)
{
  char const *value = getenv(name);
  if (!value) strerr_dief(100, name, " not set");
  return value;
}

unsigned long line_resend(struct resend const *wanted)
{
  unsigned long qp;
  char const *verdict;
  sig_altignore(SIGPIPE);
  switch (resend(wanted, &qp, &verdict)) {
    case RESEND_DONE: return qp;
    case RESEND_NOT_STARTED: strerr_diefusys(111, "fork");
    default: strerr_dief(queue_client_end(verdict), verdict + 1);
  }
}

_Noreturn void line_queued(int code, unsigned long qp)
{
  char number[ULONG_FMT];
  number[ulong_fmt(number, qp)] = 0;
  strerr_warn(PROG, ": qp ", number);
  _exit(code);
}
