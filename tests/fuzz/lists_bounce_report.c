/* A bounce: what is told lies within it, or comes from it; nobody is told of twice the bytes that there are; and whether all reasons
   pass is what they say one by one. */

#include "fuzz.h"

#include "bounce_report.h"
#include "list_answer.h"

struct seen { struct field message; size_t count, lasting; };

static void look(void *arg, struct bounce_failure const *f)
{
  struct seen *seen = arg;
  seen->count++;
  seen->lasting += !f->passes;
  assert(f->head.s == seen->message.s && f->head.len <= seen->message.len);
  assert(f->text.len <= seen->message.len && f->address.len < seen->message.len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct seen seen = { { (char const *)data, size }, 0, 0 };
  size_t const count = bounce_failures(seen.message, look, &seen);
  assert(count == seen.count && count <= size);
  assert(bounce_passes(seen.message) == (count && !seen.lasting));
  struct field const beginning = message_beginning(seen.message, size % 7);
  assert(beginning.s == seen.message.s && beginning.len <= size);
  return 0;
}
