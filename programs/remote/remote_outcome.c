#include <skalibs/djbunix.h>

#include "remote_outcome.h"
#include "service.h"
#include "sts_entry.h"

enum { CALL_MS = 100 };

void outcome_tell(struct tlsrpt_session const *s, enum tlsrpt_result result)
{
  char line[TLSRPT_LINE_MAX + 1];
  struct tlsrpt_session told = *s;
  told.result = result;
  size_t len = s->policy == TLSRPT_NO_POLICY ? 0 : tlsrpt_write(line, TLSRPT_LINE_MAX, &told);
  int fd = len ? service_call(STS_SOCKET, CALL_MS) : -1;
  if (fd == -1) return;
  line[len] = '\n';
  service_say(fd, line, len + 1);
  fd_close(fd);
}

static enum tlsrpt_result const results[TLS_FLAWS] = {
  [TLS_NO_FLAW] = TLSRPT_SUCCESS, [TLS_OTHER_NAME] = TLSRPT_HOST_MISMATCH, [TLS_OUT_OF_DATE] = TLSRPT_EXPIRED,
  [TLS_UNKNOWN_ISSUER] = TLSRPT_NOT_TRUSTED, [TLS_NO_TLSA_AGREES] = TLSRPT_VALIDATION_FAILURE, [TLS_OTHER_FLAW] = TLSRPT_VALIDATION_FAILURE
};

enum tlsrpt_result outcome_of_flaw(enum tls_flaw flaw)
{
  return results[flaw];
}
