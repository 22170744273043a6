/* A line of users/assign. What qmail-newu takes, qmail-lspawn must understand. */

#include "fuzz.h"

#include "assign.h"
#include "users.h"

static bool is_field(stralloc const *text, struct field f)
{
  return same_bytes(text->s, text->len, f.s, f.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc key = STRALLOC_ZERO, record = STRALLOC_ZERO;
  static struct user user = USER_ZERO;
  struct part in = whole(data, size);
  struct assign a;
  if (assign_parse(&a, in.s, in.len)) return 0;
  assign_key(&key, &a);
  assign_data(&record, &a);
  assert(key.len == 1 + a.local.len + !a.prefix && assign_wildcard(&a) <= 255);
  assert(users_parse(&user, record.s, record.len) == 1);
  assert(is_field(&user.name, a.data[0]) && is_field(&user.home, a.data[3]));
  assert(is_field(&user.dash, a.data[4]) && is_field(&user.ext, a.data[5]));
  return 0;
}
