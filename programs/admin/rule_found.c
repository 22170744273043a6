#include "rule_address.h"
#include "text.h"

void rule_address_free(struct rule_address *a)
{
  stralloc_free(&a->keys);
  stralloc_free(&a->better);
}

void rule_key(struct rule_address *to, char const *s, size_t len)
{
  text_addb(&to->keys, s, len);
  text_addb(&to->keys, "", 1);
  to->count++;
}

enum rule_verdict rule_fault(struct rule_address *to, enum rule_verdict verdict, char const *why)
{
  to->why = why;
  return verdict;
}

long rule_number(char const *s, size_t len, size_t *at, long limit)
{
  long n = -1;
  for (; *at < len && s[*at] >= '0' && s[*at] <= '9'; ++*at) {
    n = (n < 0 ? 0 : n) * 10 + (s[*at] - '0');
    if (n > limit) n = limit;
  }
  return n;
}
