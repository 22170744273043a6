/* A plan: what is not one is told, and of one that is each file lies in the text. Then the same bytes as a file of a plan. */

#include "fuzz.h"

#include "plan_text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  char const *s = (char const *)data;
  struct plan_file file;
  size_t at = 0;
  if (plan_text_is_whole(s, size))
    while (plan_text_next(&file, s, size, &at)) assert(file.text.s + file.text.len <= s + size);
  stralloc plan = STRALLOC_ZERO;
  plan_text_add(&plan, &(struct plan_file){ false, "control/a", { s, size } });
  plan_text_add(&plan, &(struct plan_file){ true, "b", { "", 0 } });
  plan_text_end(&plan);
  assert(plan_text_is_whole(plan.s, plan.len));
  at = 0;
  assert(plan_text_next(&file, plan.s, plan.len, &at) && same_bytes(file.text.s, file.text.len, s, size) && !file.is_removed);
  assert(plan_text_next(&file, plan.s, plan.len, &at) && file.is_removed && !plan_text_next(&file, plan.s, plan.len, &at));
  plan.s[plan.len - 1] ^= 1;
  assert(!plan_text_is_whole(plan.s, plan.len));
  stralloc_free(&plan);
  return 0;
}
