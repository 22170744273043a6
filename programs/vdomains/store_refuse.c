#include <skalibs/strerr.h>

#include "refuse.h"
#include "store_refuse.h"

static enum vcode const codes[] = {
  [STORE_DONE] = VCODE_OK,
  [STORE_NO_USER] = VCODE_NO_USER,
  [STORE_EXISTS] = VCODE_USERNAME_EXISTS,
  [STORE_UNFIT] = VCODE_BAD_CHARACTER,
  [STORE_TROUBLE] = VCODE_UPDATE_FILE,
  [STORE_LATELY] = VCODE_UPDATE_FILE,
  [STORE_READ_ONLY] = VCODE_READ_ONLY
};

enum vcode store_code(enum store_result result, char const *domain)
{
  if (result == STORE_TROUBLE) strerr_warnwusys("use the table of users of ", domain);
  return codes[result];
}

_Noreturn void store_refuse(enum store_result result, char const *domain)
{
  refuse(store_code(result, domain));
}

void store_refuse_read_only(struct store_domain const *domain)
{
  if (!domain->store->edit) refuse(VCODE_READ_ONLY);
}
