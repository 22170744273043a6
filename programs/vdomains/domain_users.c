#include <stdlib.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "die.h"
#include "domain_users.h"
#include "refuse.h"
#include "site.h"
#include "store_choice.h"
#include "store_refuse.h"
#include "text.h"

static void need(enum store_result r, char const *domain)
{
  if (r != STORE_DONE) store_refuse(r, domain);
}

void domain_users_refuse_owner(struct domain const *domain)
{
  domain_users_refuse_owner_in(domain, store_of(domain->name.s));
}

void domain_users_refuse_owner_in(struct domain const *domain, struct store const *store)
{
  if (!store->is_apart || domain->uid == site_find()->uid || domain->gid != site_find()->gid) return;
  strerr_warnw("the users of ", domain->name.s, " are kept by ", store->name, ", whose password the group of vpopmail may read: -g another one");
  refuse(VCODE_INVALID_UID);
}

bool domain_users_are_apart(struct domain const *domain)
{
  struct store const *store = store_of(domain->name.s);
  if (store == &store_unknown) need(STORE_TROUBLE, domain->name.s);
  return store->is_apart;
}

static bool keep_first(void *first, struct vpasswd const *record)
{
  stralloc *text = first;
  text_setb(text, record->name.s, record->name.len);
  text_addc(text, 0);
  text_addb(text, record->dir.s, record->dir.len);
  return false;
}

/* Their homes are changed when the move is decided already: a server that is away, or takes no changes, is found now. */
static void refuse_unchangeable(struct store_domain const *table)
{
  stralloc first = STRALLOC_ZERO;
  size_t culprit;
  need(store_list(table, keep_first, &first), table->name);
  if (!first.len) return;
  size_t const len = strlen(first.s);
  struct store_edit const as_he_is = {
    .deed = STORE_ALTER, .fields = STORE_DIR, .record = { .name = { first.s, len }, .dir = { first.s + len + 1, first.len - len - 1 } }
  };
  need(store_edit(table, &as_he_is, 1, &culprit), table->name);
  stralloc_free(&first);
}

void domain_users_refuse_move(struct domain const *domain)
{
  struct store_domain const table = { domain->name.s, -1, store_of(domain->name.s), STORE_AS_IT_IS };
  if (!table.store->is_apart) return;
  store_refuse_read_only(&table);
  refuse_unchangeable(&table);
}

/* ---- when it comes ---- */

struct leftovers { char const *home; bool postmaster, others; };

static bool look_at(void *with, struct vpasswd const *record)
{
  struct leftovers *left = with;
  bool is_ours = field_is(record->name, "postmaster") && field_is(record->dir, left->home);
  left->postmaster |= is_ours;
  left->others |= !is_ours;
  return !left->others;
}

static void clear_leftovers(struct store_domain const *table, struct domain const *domain)
{
  static stralloc home = STRALLOC_ZERO;
  text_set(&home, domain->dir.s);
  text_add(&home, "/postmaster");
  struct leftovers left = { .home = text_z(&home) };
  need(store_list(table, look_at, &left), table->name);
  if (left.others) {
    strerr_warnw("there are users of ", table->name, " in ", table->store->name, " already: somebody else's, or of a domain that was");
    refuse(VCODE_USERNAME_EXISTS);
  }
  if (left.postmaster) need(store_remove(table, (struct field){ "postmaster", 10 }), table->name);
}

/* A domain without a table would be in trouble. */
void domain_users_begin(struct store_domain const *table, struct domain const *domain)
{
  size_t culprit;
  need(store_edit(table, 0, 0, &culprit), table->name);
  if (table->store->is_apart && table->store->edit) clear_leftovers(table, domain);
}

static enum store_result find_nobody(struct store_domain const *table, struct vpasswd *record, stralloc *space, struct field name)
{
  (void)table, (void)record, (void)space, (void)name;
  return STORE_NO_USER;
}

static enum store_result list_nobody(struct store_domain const *table, store_each *each, void *with)
{
  (void)table, (void)each, (void)with;
  return STORE_DONE;
}

static enum store_result keep_nobody(struct store_domain const *table, struct store_edit const *edits, size_t count, size_t *culprit)
{
  (void)table, (void)edits, (void)count, (void)culprit;
  return STORE_DONE;
}

struct store const domain_users_nowhere = { .name = "nowhere", .find = find_nobody, .list = list_nobody, .edit = keep_nobody };

/* ---- when it goes ---- */

static bool keep_name(void *names, struct vpasswd const *record)
{
  text_addb(names, record->name.s, record->name.len);
  text_addc(names, 0);
  return true;
}

static size_t count_names(stralloc const *names)
{
  size_t count = 0;
  for (size_t i = 0; i < names->len; i++) count += !names->s[i];
  return count;
}

static void remove_names(struct store_domain const *table, stralloc const *names)
{
  size_t const count = count_names(names);
  struct store_edit *edits = calloc(count ? count : 1, sizeof *edits);
  size_t at = 0, culprit;
  if (!edits) die_nomem();
  for (size_t i = 0; i < count; i++) {
    size_t const len = strlen(names->s + at);
    edits[i] = (struct store_edit){ .deed = STORE_REMOVE, .record.name = { names->s + at, len } };
    at += len + 1;
  }
  if (count) need(store_edit(table, edits, count, &culprit), table->name);
  free(edits);
}

void domain_users_remove(struct domain const *domain)
{
  struct store_domain const table = { domain->name.s, -1, store_of(domain->name.s), STORE_AS_IT_IS };
  stralloc names = STRALLOC_ZERO;
  if (!table.store->is_apart || !table.store->edit) return;
  need(store_list(&table, keep_name, &names), table.name);
  remove_names(&table, &names);
  stralloc_free(&names);
}
