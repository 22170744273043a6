#include <skalibs/strerr.h>

#include "checks.h"
#include "mailbox.h"
#include "path.h"
#include "policy.h"
#include "rcpthosts.h"
#include "reply.h"
#include "session.h"

/* Each check gives its refusal, or null. */

static char const *check_address(stralloc const *recipient)
{
  if (!recipient->len) return REPLY_NOBODY;
  return path_is_like_an_option(recipient) ? REPLY_HYPHEN : 0;
}

static char const *check_client(stralloc const *recipient)
{
  (void)recipient;
  return policy.blocked.len ? policy.blocked.s : 0;
}

static char const *check_sender(stralloc const *recipient)
{
  (void)recipient;
  return session.mail.unwanted ? REPLY_UNWANTED_SENDER : 0;
}

static char const *check_relaying(stralloc const *recipient)
{
  if (session.client.suffix) return 0;
  int r = rcpthosts_takes(&policy.rcpthosts, recipient->s, recipient->len);
  if (r == -1) {
    strerr_warnwusys("read ", "control/morercpthosts.cdb");
    reply_no_controls();
  }
  return r ? 0 : REPLY_NOT_OURS;
}

static char const *check_count(stralloc const *recipient)
{
  (void)recipient;
  return session.mail.count >= policy.recipients_max ? REPLY_TOO_MANY_RECIPIENTS : 0;
}

/* With a suffix the recipient goes elsewhere. */
static char const *check_mailbox(stralloc const *recipient)
{
  if (policy.mailboxes_unchecked || (session.client.suffix && *session.client.suffix)) return 0;
  switch (mailbox_look(recipient->s, recipient->len)) {
    case MAILBOX_MISSING: return REPLY_NO_MAILBOX;
    case MAILBOX_UNKNOWN_NOW: return REPLY_CANNOT_LOOK;
    default: return 0;
  }
}

/* In this order: whom we take no mail for is not told who has a mailbox. */
static char const *(*const recipient_checks[])(stralloc const *) = {
  check_client, check_address, check_sender, check_relaying, check_count, check_mailbox
};

char const *checks_refusal_of_recipient(stralloc const *recipient)
{
  char const *no = 0;
  for (size_t i = 0; !no && i < sizeof recipient_checks / sizeof *recipient_checks; i++)
    no = recipient_checks[i](recipient);
  return no;
}

char const *checks_refusal_of_parameters(enum parameters_result result)
{
  static char const *const refusals[] = {
    [PARAMETERS_OK] = 0, [PARAMETERS_UNKNOWN] = REPLY_UNKNOWN_PARAMETER, [PARAMETERS_BAD_VALUE] = REPLY_BAD_VALUE
  };
  return refusals[result];
}
