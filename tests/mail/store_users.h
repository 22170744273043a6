/* store_users: a domain for a test of what keeps its users, users for it, and what is expected of them. */

#include <cmocka.h>

#include "bytes.h"
#include "store.h"

static struct store_domain domain;

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static struct vpasswd user(char const *name, char const *quota)
{
  return (struct vpasswd){ .name = text(name), .hash = text("h"), .uid = 1, .comment = text("c"), .dir = text("/d"),
                           .quota = text(quota) };
}

static enum store_result add(char const *name)
{
  struct vpasswd r = user(name, "q");
  return store_add(&domain, &r);
}

static enum store_result find(char const *name, char const *quota)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd r;
  enum store_result found = store_find(&domain, &r, &space, text(name));
  if (found != STORE_DONE) return found;
  assert_int_equal(r.quota.len, strlen(quota));
  assert_memory_equal(r.quota.s, quota, r.quota.len);
  return found;
}

static bool append(void *with, struct vpasswd const *r)
{
  return bytes_addb(with, r->name.s, r->name.len) && bytes_add(with, " ");
}

static void expect_users(char const *names)
{
  static stralloc all = STRALLOC_ZERO;
  all.len = 0;
  assert_int_equal(store_list(&domain, append, &all), STORE_DONE);
  assert_true(bytes_z(&all));
  assert_string_equal(all.s, names);
}

static bool count(void *with, struct vpasswd const *r)
{
  (void)r;
  ++*(int *)with;
  return true;
}
