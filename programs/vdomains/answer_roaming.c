#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "answer_roaming.h"
#include "bytes.h"
#include "roaming.h"
#include "site.h"
#include "unwaited.h"
#include "vflags.h"

void answer_roaming(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  a->said = SAID_NOT_YOURS;
  if (!who->may_all) return;
  int r = roaming_ask(q->client_ip);
  a->said = r == 1 ? SAID_LET_IN : r == 0 ? SAID_NOBODY : SAID_TROUBLE;
}

/* Nobody is refused because it cannot be written. */
static void note(struct field client)
{
  static stralloc line = STRALLOC_ZERO;
  if (roaming_note(client)) return;
  char const *why = strerror(errno);
  bool made = bytes_set(&line, "qmail-usersd: warning: unable to change etc/" ROAMING_FILE ": ") && bytes_add(&line, why)
    && bytes_add(&line, "\n");
  if (made) unwaited_write(2, line.s, line.len);
}

void answer_noted(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  a->said = SAID_NOT_YOURS;
  if (!who->may_all) return;
  if (roaming_is_on()) note(q->client_ip);
  a->said = SAID_LET_IN;
}

/* Who sends mail has said who he is each time. The owner of another domain may write nothing here: his client tells us. */
void answer_roaming_login(struct users_question const *q, uint32_t flags)
{
  bool counts = q->access != USERS_SMTP && !(flags & VFLAG_NO_RELAY);
  if (roaming_is_on() && counts && geteuid() == site_find()->uid) note(q->client_ip);
}
