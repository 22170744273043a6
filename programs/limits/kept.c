#include <string.h>

#include <skalibs/types.h>

#include "kept.h"
#include "parts.h"

static bool is_plain(struct usage const *u)
{
  for (size_t i = 0; i < u->name_len; i++)
    if ((unsigned char)u->name[i] <= ' ' || u->name[i] == 127) return false;
  return u->name_len > 0;
}

static char *add(char *to, uint32_t n)
{
  *to++ = ' ';
  return to + uint32_fmt(to, n);
}

size_t kept_line(char to[KEPT_LINES_MAX], enum limit_subject subject, struct usage const *u, uint64_t t)
{
  char *end = stpcpy(stpcpy(to, limit_subjects[subject]), " ");
  if (!is_plain(u) || usage_is_idle(u, t)) return 0;
  memcpy(end, u->name, u->name_len);
  end += u->name_len;
  for (uint32_t w = 0; w < LIMIT_WHATS; w++)
    for (uint32_t p = 0; p < LIMIT_PERIODS; p++) {
      struct window const *x = &u->windows[w][p];
      if (window_count(x, t, limit_seconds[p])) end = add(add(add(add(add(end, w), p), x->period), x->now), x->before);
    }
  *end++ = '\n';
  return (size_t)(end - to);
}

enum { NUMBERS = 5 };

/* False where there are no five numbers. */
static bool next_window(struct field *rest, uint32_t to[NUMBERS])
{
  for (int i = 0; i < NUMBERS; i++) {
    struct field const word = field_word(rest);
    if (!word.len || !part_number_read(to + i, word)) return false;
  }
  return to[0] < LIMIT_WHATS && to[1] < LIMIT_PERIODS;
}

bool kept_read(struct usages *all, char const *s, size_t len, uint64_t t)
{
  struct field rest = { s, len }, subject = field_word(&rest), name = field_word(&rest);
  uint32_t n[NUMBERS];
  size_t i = part_word_find(limit_subjects, LIMIT_SUBJECTS, subject);
  struct usage *u = i < LIMIT_SUBJECTS ? usage_find_or_make(all, (enum limit_subject)i, name, t) : 0;
  if (!u) return false;
  while (rest.len) {
    if (!next_window(&rest, n)) return false;
    u->windows[n[0]][n[1]] = (struct window){ n[2], n[3], n[4] };
  }
  return true;
}
