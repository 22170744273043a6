/* What follows the name of a list: it is known whatever the case of its letters, and only by a word that is in it. */

#include "fuzz.h"

#include <ctype.h>

#include "list_address.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char upper[4096], target[64], name[64];
  struct part in = whole(data, size);
  if (size > sizeof upper) return 0;
  for (size_t i = 0; i < size; i++) upper[i] = (char)toupper(data[i]);
  bool known = list_address_known(in.s, in.len);
  assert(known == list_address_known(upper, size));
  assert(!known || size >= 3);
  struct part link = part_before(&in, 0);
  size_t stem, name_len = link.len < sizeof name - 1 ? link.len : sizeof name - 1, len = in.len < sizeof target ? in.len : sizeof target;
  memcpy(name, link.s, name_len);
  name[name_len] = 0;
  memcpy(target, in.s, len);
  if (list_address_is_manager(name, target, len, &stem)) assert(stem < name_len && !strcmp(name + stem, "default"));
  return 0;
}
