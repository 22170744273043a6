#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "accounts.h"
#include "asker.h"

enum { SERVERS_MAX = 16, NAME_SIZE = 64 };

static uid_t own, door, servers[SERVERS_MAX];
static size_t servers_count;

static void know_server(struct field name)
{
  char z[NAME_SIZE] = "";
  if (name.len >= sizeof z) return;
  memcpy(z, name.s, name.len);
  struct passwd const *pw = getpwnam(z);
  if (pw) servers[servers_count++] = pw->pw_uid;
}

void asker_know_accounts(stralloc const *names)
{
  struct field rest = { names->s, names->len };
  own = geteuid();
  door = account_uid("qmaild");
  servers_count = 0;
  for (struct field name; servers_count < SERVERS_MAX && (name = field_word(&rest)).len;) know_server(name);
}

static bool is_server(uid_t uid)
{
  for (size_t i = 0; i < servers_count; i++)
    if (servers[i] == uid) return true;
  return false;
}

static bool is_for_servers(enum users_verb verb)
{
  return verb == USERS_PASSWORD || verb == USERS_ACCOUNT || verb == USERS_HOST;
}

struct asker asker_of(uid_t uid, enum users_verb verb)
{
  return (struct asker){ uid, uid == 0 || uid == own || (uid == door && (verb == USERS_WHO || verb == USERS_ROAMING))
    || (is_for_servers(verb) && is_server(uid)) };
}

bool asker_is_of_us(uid_t uid)
{
  return uid == 0 || uid == own || uid == door || is_server(uid);
}

bool asker_may(struct asker const *who, struct served const *domain)
{
  return who->may_all || (who->uid && who->uid == domain->user.uid);
}
