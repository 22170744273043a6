#include "command.h"
#include "onchange.h"
#include "record_fit.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "user_alter.h"
#include "user_quota.h"

_Noreturn void user_alter_refuse_nobody(struct named const *named)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, "no such user ");
  text_add(&line, named_address(named));
  refuse_in_words(REFUSE_NO, text_z(&line));
}

struct work { struct named const *named; struct store_edit edit; };

/* Without a change, whether there is such a user is told all the same. */
static bool only_says(struct named const *named)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  char const *whom = named->user.len ? named_address(named) : named->domain.real.s;
  if (!command_is_dry()) return false;
  if (named->user.len && !named_find(named, &record, &space)) user_alter_refuse_nobody(named);
  return command_only_says("change ", whom);
}

static int alter(void *work_)
{
  struct work const *work = work_;
  if (only_says(work->named)) return 0;
  struct store_domain table = named_table(work->named);
  enum store_result r = store_alter(&table, work->edit);
  if (r == STORE_NO_USER) user_alter_refuse_nobody(work->named);
  if (r != STORE_DONE) store_refuse(r, table.name);
  if (work->edit.fields & STORE_QUOTA) user_quota_note(work->named);
  return 0;
}

int user_alter(char const *name, struct named const *named, struct store_edit const *edit)
{
  struct work work = { named, *edit };
  refuse_unless_ok(record_fit(&edit->record));
  work.edit.record.name = named_user(named);
  return onchange_after(named_work(named, alter, &work), name, named, 0);
}
