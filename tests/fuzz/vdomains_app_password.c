/* App passwords: a line that is read is written as what is read as the same; what is typed has the form or not, and nothing else
   happens. */

#include "bytes.h"
#include "fuzz.h"

#include "app_password.h"

static void read_same(struct app_password const *p)
{
  static stralloc line = STRALLOC_ZERO;
  struct app_password again;
  line.len = 0;
  assert(app_password_add(&line, p) && line.s[line.len - 1] == '\n');
  assert(app_password_parse(&again, line.s, line.len - 1));
  assert(field_same(again.user, p->user) && field_same(again.name, p->name) && field_same(again.hash, p->hash));
  assert(again.services == p->services && again.opens == p->opens && again.made == p->made);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct app_password p;
  char letters[APP_PASSWORD_LETTERS], again[APP_PASSWORD_LETTERS];
  if (app_password_parse(&p, in.s, in.len)) read_same(&p);
  if (app_password_letters(letters, in.s, in.len)) {
    assert(app_password_letters(again, letters, sizeof letters));
    assert(memcmp(letters, again, sizeof letters) == 0);
  }
  return 0;
}
