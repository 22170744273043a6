#include <stdint.h>
#include <string.h>

#include <skalibs/bytestr.h>

#include "checksum.h"
#include "plan.h"
#include "text.h"

static char const *const words[] = {
  [PLAN_ADD] = "add", [PLAN_DROP] = "drop", [PLAN_MOVE] = "move", [PLAN_REMOVE] = "remove",
  [PLAN_CARRY] = "carry", [PLAN_PATHS] = "paths", [PLAN_ROWS] = "rows", [PLAN_OWN] = "own"
};
enum { WORDS = sizeof words / sizeof *words, HEX = 8 };

#define END "end\t"
enum { END_LEN = sizeof END - 1 + HEX + 1 };

bool plan_holds(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] < ' ' || s[i] == 127) return false;
  return true;
}

void plan_add(stralloc *plan, enum plan_deed deed, char const *path, char const *object)
{
  text_add(plan, words[deed]);
  text_addc(plan, '\t');
  text_add(plan, path);
  text_addc(plan, '\t');
  text_add(plan, object);
  text_addc(plan, '\n');
}

static void end_make(char end[END_LEN], char const *s, size_t len)
{
  uint32_t sum = checksum(0, s, len);
  memcpy(end, END, sizeof END - 1);
  for (int i = 0; i < HEX; i++) end[sizeof END - 1 + i] = "0123456789abcdef"[sum >> 4 * (HEX - 1 - i) & 15];
  end[END_LEN - 1] = '\n';
}

void plan_end(stralloc *plan)
{
  char end[END_LEN];
  end_make(end, plan->s, plan->len);
  text_addb(plan, end, END_LEN);
}

static bool word_read(enum plan_deed *deed, char const *s, size_t len)
{
  for (size_t i = 0; i < WORDS; i++) {
    if (strlen(words[i]) != len || memcmp(words[i], s, len) != 0) continue;
    *deed = (enum plan_deed)i;
    return true;
  }
  return false;
}

/* Cuts the next text, up to the separator, off the line. */
static bool cut(char const **part, size_t *part_len, char const *line, size_t len, size_t *at, char separator)
{
  size_t n = *at < len ? byte_chr(line + *at, len - *at, separator) : 0;
  if (*at + n >= len) return false;
  *part = line + *at;
  *part_len = n;
  *at += n + 1;
  return plan_holds(*part, n);
}

bool plan_next(struct plan_step *step, char const *s, size_t len, size_t *at)
{
  char const *word;
  size_t word_len;
  return cut(&word, &word_len, s, len, at, '\t') && word_read(&step->deed, word, word_len)
      && cut(&step->path, &step->path_len, s, len, at, '\t') && cut(&step->object, &step->object_len, s, len, at, '\n');
}

bool plan_is_whole(char const *s, size_t len)
{
  struct plan_step step;
  char end[END_LEN];
  size_t at = 0;
  if (len < END_LEN) return false;
  len -= END_LEN;
  end_make(end, s, len);
  if (memcmp(end, s + len, END_LEN) != 0) return false;
  while (at < len)
    if (!plan_next(&step, s, len, &at)) return false;
  return true;
}
