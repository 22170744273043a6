#include "store.h"

static enum store_result one(struct store const *s, struct store_domain const *domain, struct store_edit const *edit)
{
  size_t culprit;
  return s->edit(domain, edit, 1, &culprit);
}

enum store_result store_add(struct store const *s, struct store_domain const *domain, struct vpasswd const *record)
{
  return one(s, domain, &(struct store_edit){ .deed = STORE_ADD, .record = *record });
}

enum store_result store_change(struct store const *s, struct store_domain const *domain, struct vpasswd const *record)
{
  return one(s, domain, &(struct store_edit){ .deed = STORE_CHANGE, .record = *record });
}

enum store_result store_alter(struct store const *s, struct store_domain const *domain, struct store_edit edit)
{
  edit.deed = STORE_ALTER;
  return one(s, domain, &edit);
}

enum store_result store_remove(struct store const *s, struct store_domain const *domain, struct field name)
{
  return one(s, domain, &(struct store_edit){ .deed = STORE_REMOVE, .record = { .name = name } });
}
