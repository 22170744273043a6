#include <unistd.h>

#include "accounts.h"
#include "asker.h"

static uid_t own, door;

void asker_know_accounts(void)
{
  own = geteuid();
  door = account_uid("qmaild");
}

struct asker asker_of(uid_t uid, enum users_verb verb)
{
  return (struct asker){ uid, uid == 0 || uid == own || (uid == door && (verb == USERS_WHO || verb == USERS_ROAMING)) };
}

bool asker_is_of_us(uid_t uid)
{
  return uid == 0 || uid == own || uid == door;
}

bool asker_may(struct asker const *who, struct served const *domain)
{
  return who->may_all || (who->uid && who->uid == domain->user.uid);
}
