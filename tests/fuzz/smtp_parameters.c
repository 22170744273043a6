/* The words behind an address: what is taken fits, and lies in what was read or beside it. */

#include "fuzz.h"

#include "parameters.h"
#include "utf8.h"

static void check(struct parameters const *p, bool of_recipient)
{
  assert(p->count <= EXTRA_KINDS);
  for (size_t i = 0; i < p->count; i++) {
    assert(extra_is_known((char)p->extras[i].letter, of_recipient));
    assert(extra_fits((char)p->extras[i].letter, p->extras[i].value.s, p->extras[i].value.len));
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct parameters p;
  enum parameters_result r = parameters_of_mail(&p, PARAMETERS_DSN, in.s, in.len);
  if (r == PARAMETERS_OK) {
    assert(p.size == 0 || in.len > 5);
    check(&p, false);
  }
  if (parameters_of_rcpt(&p, PARAMETERS_DSN, in.s, in.len) == PARAMETERS_OK) check(&p, true);
  if (parameters_of_mail(&p, PARAMETERS_UTF8, in.s, in.len) == PARAMETERS_OK) check(&p, false);
  if (parameters_of_rcpt(&p, PARAMETERS_DSN | PARAMETERS_UTF8, in.s, in.len) == PARAMETERS_OK) {
    check(&p, true);
    for (size_t i = 0; i < p.count; i++) assert(utf8_is_ascii(p.extras[i].value.s, p.extras[i].value.len));
  }
  if (parameters_of_mail(&p, 0, in.s, in.len) == PARAMETERS_OK) assert(!p.count && r == PARAMETERS_OK);
  return 0;
}
