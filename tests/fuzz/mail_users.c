/* The six fields of an account, as qmail-getpw prints them; written again they are read the same. */

#include "bytes.h"
#include "fuzz.h"

#include <skalibs/types.h>

#include "users.h"

static void add(stralloc *to, stralloc const *field)
{
  assert(field->s[field->len] == 0);
  assert(bytes_addx(to, field) && bytes_end(to));
}

static void add_number(stralloc *to, uint32_t n)
{
  char digits[UINT32_FMT];
  assert(bytes_addb(to, digits, uint32_fmt(digits, n)) && bytes_end(to));
}

static void read_back(struct user const *u)
{
  static struct user again = USER_ZERO;
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  add(&text, &u->name);
  add_number(&text, u->uid);
  add_number(&text, u->gid);
  add(&text, &u->home);
  add(&text, &u->dash);
  add(&text, &u->ext);
  assert(users_parse(&again, text.s, text.len) == 1);
  assert(again.uid == u->uid && again.gid == u->gid);
  assert(!strcmp(again.name.s, u->name.s) && !strcmp(again.home.s, u->home.s));
  assert(!strcmp(again.dash.s, u->dash.s) && !strcmp(again.ext.s, u->ext.s));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct user user = USER_ZERO;
  struct part in = whole(data, size);
  if (users_parse(&user, in.s, in.len) != 1) return 0;
  assert(user.name.len && user.uid != UINT32_MAX && user.gid != UINT32_MAX);
  read_back(&user);
  return 0;
}
