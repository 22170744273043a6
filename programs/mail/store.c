#include <string.h>

#include "store.h"

enum store_result store_find(struct store_domain const *domain, struct vpasswd *record, stralloc *space,
                             struct field name)
{
  return domain->store->find(domain, record, space, name);
}

enum store_result store_list(struct store_domain const *domain, store_each *each, void *with)
{
  return domain->store->list(domain, each, with);
}

enum store_result store_edit(struct store_domain const *domain, struct store_edit const *edits, size_t count,
                             size_t *culprit)
{
  *culprit = 0;
  if (!domain->store->edit) return count ? STORE_READ_ONLY : STORE_DONE;
  return domain->store->edit(domain, edits, count, culprit);
}

static enum store_result one(struct store_domain const *domain, struct store_edit const *edit)
{
  size_t culprit;
  return store_edit(domain, edit, 1, &culprit);
}

enum store_result store_add(struct store_domain const *domain, struct vpasswd const *record)
{
  return one(domain, &(struct store_edit){ .deed = STORE_ADD, .record = *record });
}

enum store_result store_change(struct store_domain const *domain, struct vpasswd const *record)
{
  return one(domain, &(struct store_edit){ .deed = STORE_CHANGE, .record = *record });
}

enum store_result store_alter(struct store_domain const *domain, struct store_edit edit)
{
  edit.deed = STORE_ALTER;
  return one(domain, &edit);
}

enum store_result store_remove(struct store_domain const *domain, struct field name)
{
  return one(domain, &(struct store_edit){ .deed = STORE_REMOVE, .record = { .name = name } });
}

void store_alter_record(struct vpasswd *record, struct store_edit const *edit)
{
  if (edit->fields & STORE_REHASH && field_same(record->hash, edit->record.clear)) record->hash = edit->record.hash;
  if (edit->fields & STORE_HASH) record->hash = edit->record.hash;
  if (edit->fields & STORE_COMMENT) record->comment = edit->record.comment;
  if (edit->fields & STORE_DIR) record->dir = edit->record.dir;
  if (edit->fields & STORE_QUOTA) record->quota = edit->record.quota;
  if (edit->fields & STORE_FLAGS) record->flags = (record->flags & ~edit->flags_dropped) | edit->record.flags;
  if (!(edit->fields & STORE_CLEAR)) return;
  record->clear = edit->record.has_clear ? edit->record.clear : (struct field){ "", 0 };
  record->has_clear |= edit->record.has_clear;
}
