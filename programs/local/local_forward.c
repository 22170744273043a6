#include <errno.h>

#include "local_end.h"
#include "local_forward.h"
#include "local_memory.h"
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

unsigned long forward_send(struct local_mail const *m)
{
  unsigned long qp = 0;
  char const *verdict;
  memory_unlimit();
  switch (resend(&(struct resend){ 0, m->delivered_to.s, m->delivered_to.len, m->new_sender.s, &addresses }, &qp, &verdict)) {
    case RESEND_DONE: return qp;
    case RESEND_NOT_STARTED: local_defer("Unable to fork: ", reason(errno), ". (#4.3.0)");
    default: strerr_die(queue_client_end(verdict), "Unable to forward message: ", verdict + 1, ".");
  }
}
