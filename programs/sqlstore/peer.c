#include <unistd.h>

#include <skalibs/bytestr.h>

#include "bytes.h"
#include "peer.h"
#include "users.h"
#include "vname.h"

bool peer_is_of_us(uid_t uid)
{
  return uid == 0 || uid == geteuid();
}

static enum peer_result judge(uid_t uid, struct peer_domain *to, struct user const *user)
{
  if (!peer_is_of_us(uid) && uid != user->uid) return PEER_MAY_NOT;
  to->is_anothers = !peer_is_of_us(user->uid);
  return bytes_setx(&to->real, &user->name) && bytes_setx(&to->home, &user->home) ? PEER_MAY : PEER_TROUBLE;
}

enum peer_result peer_may(uid_t uid, struct peer_domain *to, struct field domain)
{
  static struct user user = USER_ZERO;
  static stralloc prefix = STRALLOC_ZERO;
  if (vname_domain(domain.s, domain.len) != VCODE_OK) return PEER_MAY_NOT;
  to->home.len = 0;
  to->is_anothers = false;
  if (!bytes_setb(&to->real, domain.s, domain.len)) return PEER_TROUBLE;
  case_lowerb(to->real.s, to->real.len);
  if (!bytes_setx(&prefix, &to->real) || !bytes_addc(&prefix, '-')) return PEER_TROUBLE;
  switch (users_find_prefix(&user, prefix.s, prefix.len)) {
    case USERS_FOUND: return judge(uid, to, &user);
    case USERS_NOBODY: return peer_is_of_us(uid) ? PEER_MAY : PEER_MAY_NOT;
    default: return PEER_TROUBLE;
  }
}
