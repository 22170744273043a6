#include <stdint.h>
#include <string.h>

#include "near_miss.h"

static int lower(char c)
{
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* The usual rectangle: cell [i][j] is the distance of the first i letters of a and the first j of b. */
size_t word_distance(char const *a, char const *b)
{
  size_t d[NEAR_MISS_MAX + 1][NEAR_MISS_MAX + 1];
  size_t la = strlen(a), lb = strlen(b);
  if (la > NEAR_MISS_MAX || lb > NEAR_MISS_MAX) return la > lb ? la : lb;
  for (size_t i = 0; i <= la; i++) d[i][0] = i;
  for (size_t j = 0; j <= lb; j++) d[0][j] = j;
  for (size_t i = 1; i <= la; i++)
    for (size_t j = 1; j <= lb; j++) {
      size_t other = lower(a[i - 1]) != lower(b[j - 1]);
      d[i][j] = least(d[i - 1][j - 1] + other, least(d[i - 1][j], d[i][j - 1]) + 1);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[la][lb];
}

/* One slip in a short word, two in eight letters, three in twelve. */
static size_t slips_allowed(size_t len)
{
  return len < 3 ? 0 : len < 8 ? 1 : len < 12 ? 2 : 3;
}

/* Of equally near words the longer: letters are rather left out than put in. */
static int is_nearer(size_t slips, char const *word, size_t least_slips, char const *nearest)
{
  return slips < least_slips || (slips == least_slips && strlen(word) > strlen(nearest));
}

char const *near_miss(char const *s, char const *const *words)
{
  char const *nearest = 0;
  size_t least_slips = SIZE_MAX;
  for (; *words; words++) {
    size_t slips = word_distance(s, *words);
    if (slips > slips_allowed(strlen(*words)) || !is_nearer(slips, *words, least_slips, nearest)) continue;
    nearest = *words;
    least_slips = slips;
  }
  return nearest;
}
