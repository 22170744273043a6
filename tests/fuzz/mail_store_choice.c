/* control/usersbackend: a line for a domain speaks for it alone, and who needs a helper is named in the text. */

#include "fuzz.h"

#include "store_choice.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size), domain = part_before(&rest, '\n');
  struct store const *chosen = store_choice_parse(rest.s, rest.len, (struct field){ domain.s, domain.len });
  struct store const *helper;
  size_t at = 0;
  bool named = false;
  while ((helper = store_choice_next(rest.s, rest.len, &at))) {
    assert(helper->is_apart && times(rest.s, rest.len, helper->name) > 0);
    named |= helper == chosen;
  }
  assert(at <= rest.len + 1);
  assert(!chosen || !chosen->is_apart || named);
  return 0;
}
