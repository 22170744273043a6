#include <stdio.h>
#include <string.h>

#include <skalibs/types.h>

#include "checksum.h"
#include "plan_text.h"
#include "text.h"

enum { SUM_LEN = 8 };

static void sum_of(char to[SUM_LEN + 1], char const *s, size_t len)
{
  snprintf(to, SUM_LEN + 1, "%08x", (unsigned)checksum(0, s, len));
}

void plan_text_add(stralloc *plan, struct plan_file const *file)
{
  size_t len = file->is_removed ? 0 : file->text.len;
  text_addc(plan, file->is_removed ? 'r' : 'w');
  text_add(plan, file->path);
  text_end(plan);
  text_addu(plan, len);
  text_end(plan);
  text_addb(plan, file->text.s, len);
}

void plan_text_end(stralloc *plan)
{
  char sum[SUM_LEN + 1];
  sum_of(sum, plan->s, plan->len);
  text_add(plan, sum);
}

/* 1, 0 at the end, -1 when there is something else. */
static int next(struct plan_file *file, char const *s, size_t len, size_t *at)
{
  uint64_t size;
  if (*at == len) return 0;
  char const *path = s + *at + 1, *end = memchr(s + *at, 0, len - *at);
  if (!end || !memchr("rw", s[*at], 2) || end == path) return -1;
  char const *number = end + 1, *stop = memchr(number, 0, (size_t)(s + len - number));
  if (!stop || stop == number || uint64_scan(number, &size) != (size_t)(stop - number) || size > (size_t)(s + len - stop) - 1) return -1;
  *file = (struct plan_file){ s[*at] == 'r', path, { stop + 1, (size_t)size } };
  *at = (size_t)(stop + 1 - s) + (size_t)size;
  return 1;
}

bool plan_text_is_whole(char const *s, size_t len)
{
  char sum[SUM_LEN + 1];
  struct plan_file file;
  size_t at = 0;
  int r;
  if (len < SUM_LEN) return false;
  sum_of(sum, s, len - SUM_LEN);
  if (memcmp(sum, s + len - SUM_LEN, SUM_LEN) != 0) return false;
  while ((r = next(&file, s, len - SUM_LEN, &at)) == 1) { }
  return r == 0;
}

bool plan_text_next(struct plan_file *file, char const *s, size_t len, size_t *at)
{
  return next(file, s, len - SUM_LEN, at) == 1;
}
