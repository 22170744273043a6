#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "recipients.h"
#include "text.h"

void recipients_add(struct recipients *r, char const *s, size_t len)
{
  size_t begin = r->text.len;
  if (!len) return;
  text_addb(&r->text, s, len);
  text_addc(&r->text, 0);
  if (!genalloc_append(size_t, &r->begins, &begin)) die_nomem();
}

/* What stands first was named first. */
static int by_place(void const *a, void const *b)
{
  size_t const *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static int compare(char const *a, char const *b)
{
  size_t at_a = address_at(a, strlen(a)), at_b = address_at(b, strlen(b));
  size_t box = at_a < at_b ? at_a : at_b;
  int r = memcmp(a, b, box);
  if (!r && at_a != at_b) r = at_a < at_b ? -1 : 1;
  return r ? r : strcasecmp(a + at_a, b + at_b);
}

static int by_address(void const *a, void const *b, void *text)
{
  int r = compare((char const *)text + *(size_t const *)a, (char const *)text + *(size_t const *)b);
  return r ? r : by_place(a, b);
}

void recipients_unite(struct recipients *r)
{
  size_t *begins = genalloc_s(size_t, &r->begins), count = recipients_count(r), kept = 0;
  if (count < 2) return;
  qsort_r(begins, count, sizeof *begins, by_address, r->text.s);
  for (size_t i = 0; i < count; i++)
    if (!i || compare(r->text.s + begins[kept - 1], r->text.s + begins[i]) != 0) begins[kept++] = begins[i];
  qsort(begins, kept, sizeof *begins, by_place);
  genalloc_setlen(size_t, &r->begins, kept);
}
