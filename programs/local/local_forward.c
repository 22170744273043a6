#include <errno.h>
#include <string.h>

#include "envelope_extra.h"
#include "local_end.h"
#include "local_exit.h"
#include "local_forward.h"
#include "local_memory.h"
#include "notify.h"
#include "queue_client.h"
#include "resend.h"
#include "text.h"

static stralloc addresses = STRALLOC_ZERO;      /* each with its NUL */
static size_t count;

void forward_add(char const *address, size_t len)
{
  text_addb(&addresses, address, len);
  text_addb(&addresses, "", 1);
  count++;
}

size_t forward_count(void)
{
  return count;
}

/* RFC 3461 5.2.7: one address in place of another is the same recipient; several are a list that keeps the sender; and a
   list with a sender of its own gets the message for good. */
static enum resend_extras extras_for(struct local_mail const *m, bool alone)
{
  if (strcmp(m->sender, m->new_sender.s) != 0) return RESEND_NEW_SENDER;
  return alone && count == 1 ? RESEND_ALL : RESEND_SOME;
}

unsigned long forward_send(struct local_mail const *m, bool alone)
{
  unsigned long qp = 0;
  char const *verdict;
  struct resend const wanted = {
    .message_fd = 0, .head = m->delivered_to.s, .head_len = m->delivered_to.len, .sender = m->new_sender.s,
    .addresses = &addresses, .extras = m->extras.s, .which = extras_for(m, alone)
  };
  memory_unlimit();
  switch (resend(&wanted, &qp, &verdict)) {
    case RESEND_DONE: return qp;
    case RESEND_NOT_STARTED: local_defer("Unable to fork: ", reason(errno), ". (#4.3.0)");
    default: strerr_die(queue_client_end(verdict), "Unable to forward message: ", verdict + 1, ".");
  }
}

int forward_exit(struct local_mail const *m)
{
  struct field his = extras_line(m->extras.s, 1);
  enum resend_extras went = extras_for(m, true);
  if (!(extra_notify(his.s, his.len) & NOTIFY_SUCCESS) || went == RESEND_NEW_SENDER) return 0;
  return went == RESEND_ALL && queue_client_takes_extras() ? LOCAL_EXIT_PASSED_ON : LOCAL_EXIT_EXPANDED;
}
