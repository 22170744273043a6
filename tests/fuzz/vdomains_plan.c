/* The plan of a command: whatever the bytes are, with an end of their own they are a plan or not, and the steps of a plan
   written again are the same plan. */

#include "bytes.h"
#include "fuzz.h"
#include "plan.h"

static void write_again(stralloc const *plan)
{
  static stralloc again = STRALLOC_ZERO, path = STRALLOC_ZERO, object = STRALLOC_ZERO;
  struct plan_step step;
  size_t at = 0;
  again.len = 0;
  while (plan_next(&step, plan->s, plan->len, &at)) {
    assert(bytes_setb(&path, step.path, step.path_len) && bytes_end(&path));
    assert(bytes_setb(&object, step.object, step.object_len) && bytes_end(&object));
    plan_add(&again, step.deed, path.s, object.s);
  }
  plan_end(&again);
  assert(same_bytes(again.s, again.len, plan->s, plan->len));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc plan = STRALLOC_ZERO;
  struct part in = whole(data, size);
  plan_is_whole(in.s, in.len);
  assert(bytes_setb(&plan, in.s, in.len));
  plan_end(&plan);
  if (plan_is_whole(plan.s, plan.len)) write_again(&plan);
  return 0;
}
