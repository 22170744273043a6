#include <string.h>

#include "limits.h"
#include "refuse.h"
#include "store_refuse.h"
#include "user_password.h"
#include "vflags.h"

static bool is_locked(struct vpasswd const *record, int directory)
{
  struct vlimits limits;
  limits_read(&limits, directory);
  return vflags_effective(record->flags, limits.flags) & VFLAG_NO_PASSWD_CHNG;
}

/* vpopmail's command called both an illegal username. */
struct vpasswd const *user_password_need(struct named const *named)
{
  static stralloc space = STRALLOC_ZERO;
  static struct vpasswd record;
  if (!named_find(named, &record, &space)) refuse_in_words(REFUSE_NO, "Error: User does not exist");
  struct store_domain table = named_table(named);
  if (is_locked(&record, table.directory)) refuse_in_words(REFUSE_NO, "Error: password can not be changed by user");
  return &record;
}

void user_password_store(struct named const *named, char const *hash)
{
  struct store_domain table = named_table(named);
  enum store_result r = store_alter(&table, (struct store_edit){
    .record = { .name = named_user(named), .hash = { hash, strlen(hash) } }, .fields = STORE_HASH | STORE_CLEAR
  });
  if (r != STORE_DONE) store_refuse(r, table.name);
}
