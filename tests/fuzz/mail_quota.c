/* The text of a quota: what is stored is read as the same. */

#include "fuzz.h"

#include "quota.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  char text[QUOTA_TEXT_SIZE], again_text[QUOTA_TEXT_SIZE];
  struct quota q, again;
  bool is_one = quota_parse(&q, in.s, in.len);
  if (!is_one) assert(quota_is_none(&q));
  assert(q.bytes <= QUOTA_NUMBER_MAX && q.messages <= QUOTA_NUMBER_MAX);
  size_t len = quota_text(text, &q);
  assert(len == strlen(text) && len < sizeof text);
  assert(quota_parse(&again, text, len) && quota_same(&q, &again));
  assert(quota_text(again_text, &again) == len && !strcmp(text, again_text));
  struct quota_usage full = { q.bytes, q.messages ? q.messages - 1 : 0 };
  assert(quota_fits(&q, &full, 0));
  assert(quota_percent(&q, &full) <= 100);
  return 0;
}
