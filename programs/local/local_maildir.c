#include "agent.h"
#include "local_end.h"
#include "local_limits.h"
#include "local_maildir.h"
#include "maildir.h"
#include "text.h"

static char const *const reports[] = {
  [MAILDIR_NO_DIRECTORY] = "Unable to chdir to maildir. (#4.2.1)",
  [MAILDIR_CANNOT_READ] = "Unable to read message. (#4.3.0)",
  [MAILDIR_TROUBLE] = "Temporary error on maildir delivery. (#4.3.0)"
};

void local_maildir_deliver(struct local_mail const *m, char const *dir)
{
  stralloc head = STRALLOC_ZERO;
  text_addb(&head, m->return_path.s, m->return_path.len);
  text_addb(&head, m->delivered_to.s, m->delivered_to.len);
  local_alarm(MAILDIR_SECONDS, "Timeout on maildir delivery. (#4.3.0)");
  enum maildir_result r = maildir_deliver(&(struct maildir_delivery){
    .dir = dir, .head = head.s, .head_len = head.len, .message_fd = 0, .patience_us = agent_take_commit_delay_us()
  });
  local_alarm(0, "");
  if (r != MAILDIR_OK) local_defer(reports[r]);
  stralloc_free(&head);
}
